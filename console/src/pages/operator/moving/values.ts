// What the form holds, and what is asked of it.
import type { components } from '~/api/schema';

export const PROGRAMS = ['new-api', 'one-api', 'one-hub', 'litellm'];

export const EMPTY = {
  name: 'old',
  kind: 'new-api',
  place: '',
  rate: '',
  answers: {} as Record<string, string>,
  live: '',
  live_token: '',
  salt_key: '',
  allow_private: false,
  probe: false,
  root_balance: false,
  debts: false,
  subscriptions: false,
  affiliate: false,
  skip_duplicates: false,
  keep_roles: false,
  emails_verified: false,
  remaining: false,
};

export type Values = typeof EMPTY;
type Ask = components['schemas']['MoveAsk'];

export function askOf(values: Values): Ask {
  const isLiteLlm = values.kind === 'litellm';
  return {
    name: values.name.trim(),
    kind: values.kind,
    place: values.place.trim(),
    rate: values.rate.trim() || null,
    answers: values.answers,
    live: values.live.trim() || null,
    live_token: values.live_token || null,
    salt_key: (isLiteLlm && values.salt_key) || null,
    allow_private: values.allow_private,
    root_balance: values.root_balance,
    debts: values.debts,
    subscriptions: values.subscriptions ? 'grant' : null,
    affiliate: values.affiliate ? 'grant' : null,
    duplicates: values.skip_duplicates ? 'skip' : null,
    roles: values.keep_roles ? 'keep' : null,
    emails_verified: values.emails_verified,
    balance: isLiteLlm && values.remaining ? 'remaining' : null,
  };
}

/** Which answer a saved file is, by its name; the last word of it counts. */
export async function readAnswers(files: FileList | null): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const file of Array.from(files ?? [])) {
    const name = file.name.toLowerCase();
    const key = name.includes('group')
      ? 'groups'
      : ['option', 'pricing', 'prices'].find((word) => name.includes(word));
    found[key ?? 'pricing'] = await file.text();
  }
  return found;
}
