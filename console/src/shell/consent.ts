// Whether somebody has agreed to the terms of today, and when to look anew.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { onNewTerms } from '~/api/client';
import { useSession, useSite } from './site';

/** The page that shows what nobody is kept from. */
export const PAGE_BEFORE_TERMS = '/account';

/** Asks for the terms as soon as the server refuses something for them. */
export function useHearOfTerms(): void {
  const queries = useQueryClient();
  useEffect(() => {
    onNewTerms(() => void queries.invalidateQueries({ queryKey: ['site'] }));
    return () => onNewTerms(() => {});
  }, [queries]);
}

/** Whether the person has not agreed to the terms of today; operators are not asked. */
export function useLacksConsent(): boolean {
  const { terms_link: link, terms_version: version } = useSite();
  const { user } = useSession();
  const isAsked = user.role === null && user.role_waits_for === null;
  return isAsked && link !== null && version !== null && user.consent_version !== version;
}
