// The pages of a statement, oldest first. The server says what the whole span comes to; this
// page adds the entries up again, by itself up to some thousands, from there on when asked.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { api, call } from '~/api/client';
import type { Entry, Statement } from '~/api/types';
import type { Rows } from '~/ui/table/DataTable';

const PAGE_ENTRIES = 1000;
const PAGES_BY_THEMSELVES = 20;
/** So many rows stand on the page at first: what is added up need not be drawn. */
const ROWS_STEP = 200;

export type Sums = NonNullable<Statement['sums']>;

/** What this page found, against what the server says of the whole span. */
export interface Check {
  state: 'reading' | 'verified' | 'wrong';
  read: number;
  /** Opening plus all amounts that were read. */
  computed: bigint;
  /** The first entry whose balance is not that of the one before plus its amount. */
  wrongEntry: Entry | null;
}

export interface StatementView {
  data: Rows<Entry>;
  sums: Sums | null;
  check: Check | null;
  /** More entries than are read without being asked. */
  isLong: boolean;
  readAll: () => void;
  showAll: () => void;
}

export function useStatement(account: string, asked: Record<string, string>): StatementView {
  const [shown, setShown] = useState(ROWS_STEP);
  const [isAsked, setAsked] = useState(false);
  const query = useInfiniteQuery({
    queryKey: ['account', account, 'statement', asked],
    queryFn: ({ pageParam }) =>
      call<Statement>(
        api.GET('/api/accounts/{account}/statement', {
          params: {
            path: { account },
            query: { ...asked, limit: PAGE_ENTRIES, ...(pageParam ? { after: pageParam } : {}) },
          },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const { data, hasNextPage, isFetching, fetchNextPage, isError } = query;
  const pageCount = data?.pages.length ?? 0;
  useEffect(() => {
    const goesOn = isAsked || pageCount < PAGES_BY_THEMSELVES;
    if (hasNextPage && !isFetching && !isError && goesOn) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, isAsked, pageCount, fetchNextPage]);
  const rows = useMemo(() => data?.pages.flatMap((page) => page.items), [data]);
  const sums = data?.pages[0]?.sums ?? null;
  const check = useMemo(() => (rows && sums ? checked(rows, sums) : null), [rows, sums]);
  return {
    sums,
    check,
    isLong: (sums?.entries ?? 0) > PAGES_BY_THEMSELVES * PAGE_ENTRIES && !isAsked,
    readAll: () => setAsked(true),
    showAll: () => setShown(Number.POSITIVE_INFINITY),
    data: {
      rows: rows?.slice(0, shown),
      isLoading: query.isLoading,
      error: query.error,
      retry: () => void query.refetch(),
      hasMore: (sums?.entries ?? 0) > shown,
      isLoadingMore: hasNextPage && shown > (rows?.length ?? 0),
      loadMore: () => setShown(shown + ROWS_STEP),
    },
  };
}

function checked(entries: Entry[], sums: Sums): Check {
  let computed = BigInt(sums.opening);
  let incoming = 0n;
  let wrongEntry: Entry | null = null;
  for (const entry of entries) {
    const amount = BigInt(entry.amount);
    computed += amount;
    if (amount > 0n) incoming += amount;
    if (wrongEntry === null && computed !== BigInt(entry.balance_after)) wrongEntry = entry;
  }
  const isWhole = entries.length >= sums.entries;
  const agrees =
    wrongEntry === null &&
    entries.length === sums.entries &&
    computed === BigInt(sums.closing) &&
    incoming === BigInt(sums.incoming);
  const state =
    wrongEntry !== null || (isWhole && !agrees) ? 'wrong' : isWhole ? 'verified' : 'reading';
  return { state, read: entries.length, computed, wrongEntry };
}
