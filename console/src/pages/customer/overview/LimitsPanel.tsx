// How many requests a minute each model allows now, and from what balance it allows more.
import { Text } from '@mantine/core';
import type { Overview } from '~/api/types';
import { useWords } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { Count } from '~/ui/Count';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { words } from './words';

type Limit = Overview['limits'][number];

export function LimitsPanel({ overview }: { overview: Overview }) {
  const t = useWords(words);
  const { tier, next_tier: next } = overview;
  const rpm = (value: number | null) => (value === null ? t.unlimited : <Count value={value} />);
  const columns: Column<Limit>[] = [
    { id: 'model', header: t.model, cell: (row) => <span className="y-mono">{row.model}</span> },
    { id: 'now', header: t.limitNow, isRight: true, cell: (row) => rpm(row.limit_rpm) },
    ...(next
      ? [
          {
            id: 'next',
            header: t.limitNext,
            isRight: true,
            cell: (row: Limit) => rpm(row.next_rpm),
          },
        ]
      : []),
  ];
  return (
    <DataTable
      isPlain
      name="limits"
      label={t.limits}
      columns={columns}
      rowId={(row) => row.model}
      data={{ rows: overview.limits, isLoading: false, error: null, retry: () => undefined }}
      empty={<EmptyRows title={t.noLimits} />}
      toolbar={
        <>
          <Text component="h2" fw={650}>
            {t.limits}
          </Text>
          <Text size="sm" c="dimmed">
            {tier && t.tierNow(tier.rate)}{' '}
            {next && (
              <>
                {t.tierNext(next.rate)} <Amount micros={next.min_balance} />
              </>
            )}
          </Text>
        </>
      }
    />
  );
}
