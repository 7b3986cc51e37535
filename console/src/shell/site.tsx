// What every page knows: the shop (name, currency, addresses) and who is signed in.
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext } from 'react';
import { api, call } from '~/api/client';
import { asProblem } from '~/api/problem';
import type { Session, Site } from '~/api/types';
import type { Currency } from '~/format/format';

const SiteContext = createContext<Site | null>(null);
const STALE_MS = 60_000;

const siteQuery = {
  queryKey: ['site'],
  queryFn: () => call<Site>(api.GET('/api/site')),
  staleTime: STALE_MS,
};

export function useSiteQuery() {
  return useQuery(siteQuery);
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
const ACCOUNT_KEPT_AS = 'yiyuan.account';
const KEPT_AS = 'yiyuan.signed-in';

/**
 * Whether this browser had a session when it was last asked. A stranger's page learns from the
 * site that there is none, and does not ask in vain, which browsers print in red.
 */
function mayBeSignedIn(): boolean {
  return localStorage.getItem(KEPT_AS) === '1';
}

function rememberSignedIn(isSignedIn: boolean): void {
  if (isSignedIn) localStorage.setItem(KEPT_AS, '1');
  else localStorage.removeItem(KEPT_AS);
}

/** The same with the account that was looked at last in this browser, if it is still theirs. */
function chosen(session: Session): Session {
  const kept = localStorage.getItem(ACCOUNT_KEPT_AS);
  return session.accounts.some(({ id }) => id === kept) ? { ...session, account: kept } : session;
}

function sessionQuery(queries: QueryClient) {
  return {
    queryKey: SESSION,
    staleTime: STALE_MS,
    queryFn: async () => {
      if (!mayBeSignedIn() && !(await queries.ensureQueryData(siteQuery)).is_signed_in) return null;
      try {
        const session = await call<Session>(api.GET('/api/session'));
        rememberSignedIn(true);
        return chosen(session);
      } catch (reason) {
        if (asProblem(reason).status !== 401) throw reason;
        rememberSignedIn(false);
        return null;
      }
    },
  };
}

/** The session, or null when nobody is signed in. */
export function useSessionQuery() {
  return useQuery(sessionQuery(useQueryClient()));
}

/** Asks both before anything is drawn; fails never, since what draws them asks again. */
export async function askFirst(queries: QueryClient): Promise<void> {
  await Promise.all([
    queries.prefetchQuery(siteQuery),
    queries.prefetchQuery(sessionQuery(queries)),
  ]);
}

/** Who is signed in, on pages that only they see. */
export function useSession(): Session {
  const session = useSessionQuery().data;
  if (!session) throw new Error('nobody is signed in');
  return session;
}

const AccountContext = createContext<string | null>(null);

/** What is inside is about this account, whoever is signed in. */
export function AccountScope(props: { id: string; children: ReactNode }) {
  return <AccountContext.Provider value={props.id}>{props.children}</AccountContext.Provider>;
}

/** The id of the account whose pages these are. */
export function useAccountId(): string {
  const scope = useContext(AccountContext);
  const { account, accounts } = useSession();
  return scope ?? account ?? accounts[0]?.id ?? '';
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
    queries.removeQueries({
      predicate: (query) => !['site', 'session'].includes(String(query.queryKey[0])),
    });
    rememberSignedIn(session !== null);
    queries.setQueryData(SESSION, session && chosen(session));
  };
}

/** Looks at another account of one's own from now on. */
export function useChooseAccount(): (account: string) => void {
  const queries = useQueryClient();
  return (account) => {
    localStorage.setItem(ACCOUNT_KEPT_AS, account);
    queries.setQueryData(SESSION, (before: Session | null | undefined) =>
      before ? { ...before, account } : before,
    );
  };
}
