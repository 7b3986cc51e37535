// Passkeys in the browser: made, asked for, and their answers as the API wants them.
import { api, call } from '~/api/client';
import type { Passkey, PasskeyQuestion, Session } from '~/api/types';

type Answer = Record<string, unknown>;

/** Whether this browser can do what the server asks for. */
export function hasPasskeys(): boolean {
  return (
    typeof PublicKeyCredential !== 'undefined' &&
    'parseRequestOptionsFromJSON' in PublicKeyCredential
  );
}

/** Whether the browser offers passkeys where the name is typed. */
export async function offersWhileTyping(): Promise<boolean> {
  return (await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false;
}

/** Makes one on a device of the person's choice; null where they changed their mind. */
export async function makePasskey(name: string): Promise<Passkey | null> {
  const { options } = await call<PasskeyQuestion>(api.POST('/api/me/passkeys/start'));
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  const credential = await answerOf(() => navigator.credentials.create({ publicKey }));
  if (credential === null) return null;
  return call<Passkey>(api.POST('/api/me/passkeys', { body: { credential, name } }));
}

/** Signs in by one; null where nobody chose any. */
export async function signInByPasskey(signal?: AbortSignal): Promise<Session | null> {
  const { options } = await call<PasskeyQuestion>(api.POST('/api/session/passkey/start'));
  const credential = await ask(options, signal ? { mediation: 'conditional', signal } : {});
  if (credential === null) return null;
  return call<Session>(api.POST('/api/session/passkey', { body: { credential } }));
}

/** Proves who is signed in; false where they changed their mind. */
export async function proveByPasskey(): Promise<boolean> {
  const { options } = await call<PasskeyQuestion>(api.POST('/api/session/prove/passkey/start'));
  const credential = await ask(options, {});
  if (credential === null) return false;
  await call(api.POST('/api/session/prove/passkey', { body: { credential } }));
  return true;
}

function ask(options: unknown, how: CredentialRequestOptions): Promise<Answer | null> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as PublicKeyCredentialRequestOptionsJSON,
  );
  return answerOf(() => navigator.credentials.get({ ...how, publicKey }));
}

/** What the browser answered; a person who cancels, or takes too long, is no failure. */
async function answerOf(asked: () => Promise<Credential | null>): Promise<Answer | null> {
  try {
    const found = (await asked()) as PublicKeyCredential | null;
    return found && ({ ...found.toJSON() } as Answer);
  } catch (reason) {
    const name = reason instanceof DOMException ? reason.name : '';
    if (['NotAllowedError', 'AbortError', 'InvalidStateError'].includes(name)) return null;
    throw reason;
  }
}
