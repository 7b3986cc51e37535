// The rows of a table: arrows go between them, Enter opens one.
import { type KeyboardEvent, memo, type RefObject, useMemo, useRef, useState } from 'react';
import { Blocks, drawBlock, LONG_ROWS } from './Blocks';
import { type Column, type Sorting, sorted } from './column';
import type { DataTableProps } from './DataTable';
import { Head } from './Head';
import { Table } from './Table';
import styles from './Table.module.css';
import { useIsWide } from './useIsWide';

type GridProps<Row> = Omit<DataTableProps<Row>, 'empty'> & {
  rows: Row[];
  visibility: Record<string, boolean>;
};

export function Grid<Row extends object>(props: GridProps<Row>) {
  const [sorting, setSorting] = useState<Sorting | null>(null);
  const shown = useMemo(
    () => props.columns.filter((column) => props.visibility[column.id] !== false),
    [props.columns, props.visibility],
  );
  const here = props.sorting ?? sorting;
  const isWhole = !props.data.hasMore;
  const ordered = useMemo(
    () => (props.onSort || !isWhole ? props.rows : sorted(props.rows, props.columns, sorting)),
    [props.onSort, isWhole, props.rows, props.columns, sorting],
  );
  const opener = useRef(props.onOpen);
  opener.current = props.onOpen;
  const canOpen = props.onOpen !== undefined;
  const { ref, isWide } = useIsWide<HTMLDivElement>();
  const isLong = ordered.length > LONG_ROWS;
  const line = (row: Row, index: number) => (
    <Line
      key={props.rowId(row)}
      id={props.rowId(row)}
      row={row}
      index={isLong ? index : undefined}
      columns={shown as Column<object>[]}
      isMarked={props.rowId(row) === props.markedId}
      opener={canOpen ? (opener as RefObject<((row: object) => void) | undefined>) : null}
    />
  );
  return (
    <div
      ref={ref}
      className={styles.scroller}
      data-wide={isWide ? '' : undefined}
      tabIndex={canOpen ? undefined : 0}
      role="group"
      aria-label={props.label}
    >
      <Table
        label={props.label}
        data-table={props.name}
        aria-rowcount={isLong ? ordered.length + 1 : undefined}
        isCards
      >
        <thead>
          <tr>
            {shown.map((column) => (
              <Head
                key={column.id}
                column={column as Column<object>}
                sorting={here}
                onSort={props.onSort ? props.onSort : isWhole ? setSorting : null}
              />
            ))}
          </tr>
        </thead>
        <Blocks rows={ordered} columnCount={shown.length} line={line} />
      </Table>
    </div>
  );
}

interface LineProps {
  id: string;
  row: object;
  /** Its place in a list that is not drawn as a whole. */
  index: number | undefined;
  columns: Column<object>[];
  isMarked: boolean;
  opener: RefObject<((row: object) => void) | undefined> | null;
}

/** Drawn again only when its own row or the columns change, so that a long table stays quick. */
const Line = memo(function Line({ id, row, index, columns, isMarked, opener }: LineProps) {
  const open = () => opener?.current?.(row);
  return (
    <tr
      data-row={id}
      aria-rowindex={index === undefined ? undefined : index + 2}
      data-opens={opener ? '' : undefined}
      data-marked={isMarked ? '' : undefined}
      tabIndex={opener ? 0 : undefined}
      onClick={
        opener
          ? (event) => {
              if (!isControl(event.target)) open();
            }
          : undefined
      }
      onKeyDown={opener ? (event) => onRowKey(event, open) : undefined}
    >
      {columns.map((column) => (
        <td
          key={column.id}
          data-label={column.header}
          data-figure={column.isFigure ? '' : undefined}
          className={column.isRight ? 'y-right' : undefined}
        >
          <div>{column.cell(row)}</div>
        </td>
      ))}
    </tr>
  );
});

function isControl(target: EventTarget): boolean {
  return (
    target instanceof Element &&
    target.closest('a, button, input, label, [role="menuitem"]') !== null
  );
}

function onRowKey(event: KeyboardEvent<HTMLTableRowElement>, open: () => void): void {
  const row = event.currentTarget;
  if (event.target !== row) return;
  if (event.key === 'Enter' || event.key === ' ') {
    event.preventDefault();
    open();
  } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    beside(row, event.key === 'ArrowDown')?.focus();
  }
}

/** The row below or above, in the next block too, which is drawn if it was not. */
function beside(row: HTMLElement, isBelow: boolean): HTMLElement | null {
  const near = isBelow ? row.nextElementSibling : row.previousElementSibling;
  if (near instanceof HTMLElement) return near;
  const here = row.parentElement;
  const block = isBelow ? here?.nextElementSibling : here?.previousElementSibling;
  if (!block) return null;
  drawBlock(block);
  const found = isBelow ? block.firstElementChild : block.lastElementChild;
  return found instanceof HTMLElement && 'row' in found.dataset ? found : null;
}
