// The pages of a statement, oldest first, and what they add up to. Pages follow by
// themselves up to a few thousand entries; from there on a button goes on.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { api, call } from '~/api/client';
import type { Entry, Statement } from '~/api/types';
import type { Rows } from '~/ui/DataTable';

const PAGE_ENTRIES = 200;
const PAGES_BY_THEMSELVES = 10;

/** Sums of the entries read so far, made here and with whole numbers. */
export interface Sums {
  opening: bigint;
  incoming: bigint;
  incomingCount: number;
  outgoing: bigint;
  outgoingCount: number;
  /** Opening plus all amounts. */
  computed: bigint;
  /** What the server says. */
  closing: bigint;
  entries: number;
  /** The first entry whose balance is not that of the one before plus its amount. */
  wrongEntry: Entry | null;
}

export function useStatement(account: string, asked: Record<string, string>): { data: Rows<Entry>; sums: Sums | null } {
  const query = useInfiniteQuery({
    queryKey: ['account', account, 'statement', asked],
    queryFn: ({ pageParam }) =>
      call<Statement>(api.GET('/api/accounts/{account}/statement', {
        params: { path: { account }, query: { ...asked, limit: PAGE_ENTRIES, ...(pageParam ? { after: pageParam } : {}) } },
      })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const { data, hasNextPage, isFetching, fetchNextPage, isError } = query;
  const pageCount = data?.pages.length ?? 0;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError && pageCount < PAGES_BY_THEMSELVES) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, pageCount, fetchNextPage]);
  const rows = useMemo(() => data?.pages.flatMap((page) => page.items), [data]);
  const sums = useMemo(() => (data ? sumsOf(data.pages) : null), [data]);
  return {
    sums,
    data: {
      rows,
      isLoading: query.isLoading,
      error: query.error,
      retry: () => void query.refetch(),
      hasMore: hasNextPage,
      isLoadingMore: query.isFetchingNextPage,
      loadMore: () => void fetchNextPage(),
    },
  };
}

function sumsOf(pages: Statement[]): Sums | null {
  const first = pages[0];
  const last = pages.at(-1);
  if (!first || !last) return null;
  const sums: Sums = {
    opening: BigInt(first.opening), incoming: 0n, incomingCount: 0, outgoing: 0n, outgoingCount: 0,
    computed: BigInt(first.opening), closing: BigInt(last.closing), entries: 0, wrongEntry: null,
  };
  for (const entry of pages.flatMap((page) => page.items)) {
    const amount = BigInt(entry.amount);
    sums.computed += amount;
    sums.entries += 1;
    if (sums.wrongEntry === null && sums.computed !== BigInt(entry.balance_after)) sums.wrongEntry = entry;
    if (amount >= 0n) {
      sums.incoming += amount;
      sums.incomingCount += 1;
    } else {
      sums.outgoing += amount;
      sums.outgoingCount += 1;
    }
  }
  return sums;
}
