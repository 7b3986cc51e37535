// Where a signed-in person goes from a page for people who are not: to the page that they
// asked for (of this console only), operators home, everybody else to the overview.
import { useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { Session } from '~/api/types';

export function useGoOn(session: Session | null | undefined, next?: string): void {
  const router = useRouter();
  useEffect(() => {
    if (!session) return;
    const home = session.user.role ? '/operator' : '/';
    const isOurs = next !== undefined && /^\/(?![/\\])/.test(next);
    router.history.replace(`/console${isOurs ? next.replace(/^\/console/, '') : home}`);
  }, [session, next, router]);
}
