// The requests by cursor, and what arrives while one looks. The tail asks only for what is
// newer than the newest row seen; a question that fails is asked again at the next turn.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { api, call } from '~/api/client';
import type { Log, Logs } from '~/api/types';
import { useKeyset } from '~/data/rows';
import type { Rows } from '~/ui/table/DataTable';

const TAIL_MS = 2_000;
const TAIL_ROWS_MAX = 500;

export function useLogs(
  account: string,
  asked: Record<string, string>,
  isLive: boolean,
): { data: Rows<Log>; arrived: number } {
  const queries = useQueryClient();
  const key = JSON.stringify([account, asked]);
  const newest = useRef<{ key: string; cursor: string | null }>({ key, cursor: null });
  const [tail, setTail] = useState<{ key: string; rows: Log[] }>({ key, rows: [] });
  const fetchPage = (more: Record<string, string>) =>
    call<Logs>(
      api.GET('/api/accounts/{account}/logs', {
        params: { path: { account }, query: { ...asked, ...more } },
      }),
    );
  const keyset = useKeyset<Log>(['account', account, 'logs', asked], async (after) => {
    const page = await fetchPage(after ? { after } : {});
    if (after === undefined) newest.current = { key, cursor: page.newest };
    return page;
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for account and filters
  useEffect(() => {
    if (!isLive) return undefined;
    const timer = setInterval(() => {
      const { key: forKey, cursor } = newest.current;
      if (forKey !== key) return;
      if (cursor === null)
        return void queries.invalidateQueries({ queryKey: ['account', account, 'logs'] });
      void fetchPage({ newer_than: cursor })
        .then((page) => {
          if (newest.current.key !== key || page.items.length === 0) return;
          newest.current.cursor = page.newest ?? cursor;
          setTail((before) => ({
            key,
            rows: [...page.items, ...(before.key === key ? before.rows : [])].slice(
              0,
              TAIL_ROWS_MAX,
            ),
          }));
        })
        .catch(() => undefined);
    }, TAIL_MS);
    return () => clearInterval(timer);
  }, [isLive, key]);

  const arrived = tail.key === key ? tail.rows : [];
  const rows = useMemo(() => merged(arrived, keyset.rows), [arrived, keyset.rows]);
  return { data: { ...keyset, rows }, arrived: arrived.length };
}

/** What arrived, then the pages, each request once. */
function merged(arrived: Log[], pages: Log[] | undefined): Log[] | undefined {
  if (pages === undefined) return undefined;
  const known = new Set(pages.map((row) => row.request_id));
  return [...arrived.filter((row) => !known.has(row.request_id)), ...pages];
}
