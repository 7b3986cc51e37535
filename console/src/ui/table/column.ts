// What a table is made of: its columns, its rows, and their order.
import type { ReactNode } from 'react';

export interface Column<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  isRight?: boolean;
  isHidden?: boolean;
  /** By what the whole list can be sorted in the browser. */
  sort?: (row: Row) => SortKey;
  /** The server sorts by it; see `onSort`. */
  isSortable?: boolean;
  /** On a phone: stands in the first line at the right, as the row's figure. */
  isFigure?: boolean;
}

export type SortKey = number | string | null | undefined;

export interface Sorting {
  id: string;
  isDown: boolean;
}

/** What a query or `useKeyset` gives. */
export interface Rows<Row> {
  rows: Row[] | undefined;
  isLoading: boolean;
  error: unknown;
  retry: () => void;
  hasMore?: boolean;
  isLoadingMore?: boolean;
  loadMore?: () => void;
}

/** The whole list in this order, by the column's own key. */
export function sorted<Row>(rows: Row[], columns: Column<Row>[], sorting: Sorting | null): Row[] {
  const by = columns.find((column) => column.id === sorting?.id)?.sort;
  if (by === undefined || sorting === null) return rows;
  const sign = sorting.isDown ? -1 : 1;
  return [...rows].sort((a, b) => sign * compared(by(a), by(b)));
}

function compared(a: SortKey, b: SortKey): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a ?? '').localeCompare(String(b ?? ''));
}
