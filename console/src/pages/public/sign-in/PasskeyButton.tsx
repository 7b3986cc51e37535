// Signing in by a passkey: offered by the browser where the name is typed, and by a button.
import { Button } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { Session } from '~/api/types';
import { hasPasskeys, offersWhileTyping, signInByPasskey } from '~/data/passkeys';
import { useWords } from '~/i18n';
import { auth } from '~/i18n/auth';
import { useSetSession, useSite } from '~/shell/site';
import { toastRefused } from '~/ui/toast';

/** A challenge is good for five minutes; then the browser is given another one. */
const ANEW_MS = 240_000;

export function PasskeyButton() {
  const t = useWords(auth);
  const setSession = useSetSession();
  const router = useRouter();
  const { has_passkeys: arePossible } = useSite();
  const [isBusy, setBusy] = useState(false);
  const waiting = useRef<AbortController | null>(null);
  const isShown = arePossible && hasPasskeys();
  const enter = useRef<(session: Session | null) => Promise<void>>(async () => {});
  enter.current = async (session) => {
    if (session === null) return;
    setSession(session);
    await router.invalidate();
  };
  useEffect(() => {
    if (!isShown) return;
    const listen = async () => {
      waiting.current?.abort();
      const mine = new AbortController();
      waiting.current = mine;
      if (!(await offersWhileTyping()) || mine.signal.aborted) return;
      const found = await signInByPasskey(mine.signal).catch(toastRefused);
      await enter.current(found ?? null);
    };
    const begin = () => void listen().catch(() => undefined);
    begin();
    const timer = window.setInterval(begin, ANEW_MS);
    return () => {
      window.clearInterval(timer);
      waiting.current?.abort();
    };
  }, [isShown]);
  if (!isShown) return null;
  const press = async () => {
    waiting.current?.abort();
    setBusy(true);
    try {
      await enter.current(await signInByPasskey());
    } catch (reason) {
      toastRefused(reason);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button variant="default" mt="md" fullWidth loading={isBusy} onClick={() => void press()}>
      {t.signIn.passkey}
    </Button>
  );
}
