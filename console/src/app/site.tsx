// What every page knows: the shop (name, currency, addresses) and who is signed in.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext } from 'react';
import { api, call } from '~/api/client';
import { asProblem } from '~/api/problem';
import type { Session, Site } from '~/api/types';
import type { Currency } from './format';

const SiteContext = createContext<Site | null>(null);
const STALE_MS = 60_000;

export function useSiteQuery() {
  return useQuery({
    queryKey: ['site'],
    queryFn: () => call<Site>(api.GET('/api/site')),
    staleTime: STALE_MS,
  });
}

export function SiteProvider(props: { site: Site; children: ReactNode }) {
  return <SiteContext.Provider value={props.site}>{props.children}</SiteContext.Provider>;
}

export function useSite(): Site {
  const site = useContext(SiteContext);
  if (site === null) throw new Error('there is no site here');
  return site;
}

export function useCurrency(): Currency {
  return useSite().currency;
}

const SESSION = ['session'];

/** The session, or null when nobody is signed in. */
export function useSessionQuery() {
  return useQuery({
    queryKey: SESSION,
    staleTime: STALE_MS,
    queryFn: async () => {
      try {
        return await call<Session>(api.GET('/api/session'));
      } catch (reason) {
        if (asProblem(reason).status === 401) return null;
        throw reason;
      }
    },
  });
}

/** Who is signed in, on pages that only they see. */
export function useSession(): Session {
  const session = useSessionQuery().data;
  if (!session) throw new Error('nobody is signed in');
  return session;
}

/** The id of the account whose pages these are. */
export function useAccountId(): string {
  const { account, accounts } = useSession();
  return account ?? accounts[0]?.id ?? '';
}

const ZoneContext = createContext<string | undefined>(undefined);

/** The zone is asked for by every cell with a time: from here, not from the query. */
export function ZoneProvider(props: { children: ReactNode }) {
  const zone = useSessionQuery().data?.user.zone ?? undefined;
  return <ZoneContext.Provider value={zone}>{props.children}</ZoneContext.Provider>;
}

export function useZone(): string | undefined {
  return useContext(ZoneContext);
}

/** Called with the session that signing in answered, or null after signing out. */
export function useSetSession(): (session: Session | null) => void {
  const queries = useQueryClient();
  return (session) => {
    queries.removeQueries({ predicate: (query) => !['site', 'session'].includes(String(query.queryKey[0])) });
    queries.setQueryData(SESSION, session);
  };
}
