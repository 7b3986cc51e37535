// The one table: columns to choose, CSV, keyboard (arrows between rows, Enter opens), cards
// on a phone, and the four states. Rows come page by page, by cursor; see `useKeyset`.
import { Button, Group } from '@mantine/core';
import { columnVisibilityFeature, tableFeatures, useTable } from '@tanstack/react-table';
import { type KeyboardEvent, memo, type ReactNode, type RefObject, useMemo, useRef, useState } from 'react';
import { useTexts } from '~/i18n';
import { ColumnChooser } from './ColumnChooser';
import { Icon } from './Icon';
import { Panel } from './Panel';
import { EmptyState, ErrorState, LoadingState } from './States';

export interface Column<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  isRight?: boolean;
  isHidden?: boolean;
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

export interface DataTableProps<Row> {
  /** Names the table for screen readers and keeps its columns. */
  name: string;
  label: string;
  columns: Column<Row>[];
  data: Rows<Row>;
  rowId: (row: Row) => string;
  empty: ReactNode;
  onOpen?: (row: Row) => void;
  csv?: string;
  toolbar?: ReactNode;
  markedId?: string | null;
  /** Few columns, none to choose. */
  isPlain?: boolean;
}

const features = tableFeatures({ columnVisibilityFeature });
type Visibility = Record<string, boolean>;

function useVisibility(name: string, columns: { id: string; isHidden?: boolean }[]) {
  const keptAs = `yiyuan.columns.${name}`;
  const [visibility, setVisibility] = useState<Visibility>(() => {
    const byDefault = Object.fromEntries(columns.map((column) => [column.id, !column.isHidden]));
    try {
      return { ...byDefault, ...(JSON.parse(localStorage.getItem(keptAs) ?? '{}') as Visibility) };
    } catch {
      return byDefault;
    }
  });
  const keep = (next: Visibility) => {
    localStorage.setItem(keptAs, JSON.stringify(next));
    setVisibility(next);
  };
  return [visibility, keep] as const;
}

export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const t = useTexts();
  const [visibility, setVisibility] = useVisibility(props.name, props.columns);
  const { rows, isLoading, error, retry } = props.data;
  return (
    <Panel isFlush>
      <Group justify="space-between" p="xs" gap="xs" className="y-no-print">
        <div>{props.toolbar}</div>
        <Group gap="xs">
          {!props.isPlain && <ColumnChooser columns={props.columns} visibility={visibility} onChange={setVisibility} />}
          {props.csv && (
            <Button component="a" href={props.csv} download variant="default" size="xs"
              leftSection={<Icon name="download" size={15} />}>CSV</Button>
          )}
        </Group>
      </Group>
      {error && !rows ? <ErrorState error={error} onRetry={retry} /> : null}
      {isLoading && !rows ? <LoadingState /> : null}
      {rows?.length === 0 ? props.empty : null}
      {rows && rows.length > 0 ? <Grid {...props} rows={rows} visibility={visibility} /> : null}
      {props.data.hasMore && (
        <Group justify="center" p="sm">
          <Button variant="default" loading={props.data.isLoadingMore} onClick={props.data.loadMore}>{t.shell.loadMore}</Button>
        </Group>
      )}
    </Panel>
  );
}

function Grid<Row extends object>(props: DataTableProps<Row> & { rows: Row[]; visibility: Visibility }) {
  const t = useTexts();
  const definitions = useMemo(() => props.columns.map(({ id, header }) => ({ id, header })), [props.columns]);
  const table = useTable({
    features, columns: definitions, data: props.rows, getRowId: props.rowId, state: { columnVisibility: props.visibility },
  });
  const shown = useMemo(
    () => props.columns.filter((column) => props.visibility[column.id] !== false),
    [props.columns, props.visibility],
  );
  const opener = useRef(props.onOpen);
  opener.current = props.onOpen;
  const canOpen = props.onOpen !== undefined;
  return (
    <div style={{ overflowX: 'auto' }} tabIndex={canOpen ? undefined : 0} role="group" aria-label={props.label}>
      <table className="y-table" aria-label={props.label} data-table={props.name}>
        <thead>
          <tr>
            {shown.map((column) => (
              <th key={column.id} scope="col" className={column.isRight ? 'y-right' : undefined}>
                {column.header || <span className="y-hidden">{t.shell.actions}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <Line key={row.id} id={row.id} row={row.original} columns={shown as Column<object>[]} isMarked={row.id === props.markedId}
              opener={canOpen ? (opener as RefObject<((row: object) => void) | undefined>) : null} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface LineProps {
  id: string;
  row: object;
  columns: Column<object>[];
  isMarked: boolean;
  opener: RefObject<((row: object) => void) | undefined> | null;
}

/** Drawn again only when its own row or the columns change, so that a long table stays quick. */
const Line = memo(function Line({ id, row, columns, isMarked, opener }: LineProps) {
  const open = () => opener?.current?.(row);
  return (
    <tr data-row={id} data-opens={opener ? '' : undefined} data-marked={isMarked ? '' : undefined} tabIndex={opener ? 0 : undefined}
      onClick={opener ? (event) => { if (!isControl(event.target)) open(); } : undefined}
      onKeyDown={opener ? (event) => onRowKey(event, open) : undefined}>
      {columns.map((column) => (
        <td key={column.id} data-label={column.header} className={column.isRight ? 'y-right' : undefined}>
          <div>{column.cell(row)}</div>
        </td>
      ))}
    </tr>
  );
});

function isControl(target: EventTarget): boolean {
  return target instanceof Element && target.closest('a, button, input, label, [role="menuitem"]') !== null;
}

function onRowKey(event: KeyboardEvent<HTMLTableRowElement>, open: () => void): void {
  const row = event.currentTarget;
  if (event.target !== row) return;
  if (event.key === 'Enter' || event.key === ' ') {
    event.preventDefault();
    open();
  } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    const next = event.key === 'ArrowDown' ? row.nextElementSibling : row.previousElementSibling;
    (next as HTMLElement | null)?.focus();
  }
}

/** The usual content of `empty`. */
export function EmptyRows(props: { title: string; text?: ReactNode; action?: ReactNode }) {
  return <EmptyState {...props} icon="list" />;
}
