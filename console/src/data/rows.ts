// Rows for a DataTable: from a plain query, or page by page with the API's cursors.
import { type QueryKey, type UseQueryResult, useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Rows } from '~/ui/table/DataTable';

/** All rows of a query that is not paged. */
export function rowsOf<Row>(query: UseQueryResult<{ items: Row[] }>): Rows<Row> {
  return {
    rows: query.data?.items,
    isLoading: query.isLoading,
    error: query.error,
    retry: () => void query.refetch(),
  };
}

/** Pages by cursor: `fetchPage` gets `after`, undefined for the first page. */
export function useKeyset<Row>(
  queryKey: QueryKey,
  fetchPage: (after: string | undefined) => Promise<{ items: Row[]; next: string | null }>,
): Rows<Row> {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => fetchPage(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items), [query.data]);
  return {
    rows,
    isLoading: query.isLoading,
    error: query.error,
    retry: () => void query.refetch(),
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    loadMore: () => void query.fetchNextPage(),
  };
}
