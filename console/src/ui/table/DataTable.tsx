// The one table: columns to choose, CSV, keyboard (arrows between rows, Enter opens), cards
// on a phone, and the four states. Rows come page by page, by cursor; see `useKeyset`.

import { Button, Group } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTexts } from '~/i18n';
import { Icon } from '~/ui/Icon';
import { Panel } from '~/ui/Panel';
import { EmptyState, ErrorState, LoadingState } from '~/ui/States';
import { ColumnChooser } from './ColumnChooser';
import type { Column, Rows, Sorting } from './column';
import { Grid } from './Grid';

export type { Column, Rows, Sorting };

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
  /** How the server sorted the rows, and how to ask for another order. */
  sorting?: Sorting | null;
  onSort?: (sorting: Sorting) => void;
  /** Few columns, none to choose. */
  isPlain?: boolean;
}

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
          {!props.isPlain && (
            <ColumnChooser
              columns={props.columns}
              visibility={visibility}
              onChange={setVisibility}
            />
          )}
          {props.csv && (
            <Button
              component="a"
              href={props.csv}
              download
              variant="default"
              size="xs"
              leftSection={<Icon name="download" size={15} />}
            >
              CSV
            </Button>
          )}
        </Group>
      </Group>
      {error && !rows ? <ErrorState error={error} onRetry={retry} /> : null}
      {isLoading && !rows ? <LoadingState /> : null}
      {rows?.length === 0 ? props.empty : null}
      {rows && rows.length > 0 ? <Grid {...props} rows={rows} visibility={visibility} /> : null}
      {props.data.hasMore && (
        <Group justify="center" p="sm">
          <Button
            variant="default"
            loading={props.data.isLoadingMore}
            onClick={props.data.loadMore}
          >
            {t.shell.loadMore}
          </Button>
        </Group>
      )}
    </Panel>
  );
}

/** The usual content of `empty`. */
export function EmptyRows(props: { title: string; text?: ReactNode; action?: ReactNode }) {
  return <EmptyState {...props} icon="list" />;
}
