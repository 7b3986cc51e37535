// How many requests a minute each model allows now, and from what balance it allows more.
import { Text } from '@mantine/core';
import type { Overview } from '~/api/types';
import { useTexts } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { Count } from '~/ui/Count';
import { type Column, DataTable, EmptyRows } from '~/ui/DataTable';

type Limit = Overview['limits'][number];

export function LimitsPanel({ overview }: { overview: Overview }) {
  const t = useTexts();
  const words = t.overview;
  const { tier, next_tier: next } = overview;
  const rpm = (value: number | null) => (value === null ? words.unlimited : <Count value={value} />);
  const columns: Column<Limit>[] = [
    { id: 'model', header: words.model, cell: (row) => <span className="y-mono">{row.model}</span> },
    { id: 'now', header: words.limitNow, isRight: true, cell: (row) => rpm(row.limit_rpm) },
    ...(next ? [{ id: 'next', header: words.limitNext, isRight: true, cell: (row: Limit) => rpm(row.next_rpm) }] : []),
  ];
  return (
    <DataTable isPlain name="limits" label={words.limits} columns={columns} rowId={(row) => row.model}
      data={{ rows: overview.limits, isLoading: false, error: null, retry: () => undefined }}
      empty={<EmptyRows title={words.noLimits} />}
      toolbar={(
        <>
          <Text component="h2" fw={650}>{words.limits}</Text>
          <Text size="sm" c="dimmed">
            {tier && words.tierNow(tier.rate)}{' '}
            {next && <>{words.tierNext(next.rate)} <Amount micros={next.min_balance} /></>}
          </Text>
        </>
      )} />
  );
}
