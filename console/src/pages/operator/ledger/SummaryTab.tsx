// A month for the accountant: by account and in total, what came in, what was charged and given
// back, and the balances at both ends. Opening plus everything is closing, in every line.
import { Alert, Group, NativeSelect, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { AccountSummary, LedgerSummary } from '~/api/types';
import { asQueryText, useFilters } from '~/data/filters';
import { useSpeaking, useWords } from '~/i18n';
import { words as statementWords } from '~/pages/customer/statement/words';
import { Amount } from '~/ui/Amount';
import { Count } from '~/ui/Count';
import { Icon } from '~/ui/Icon';
import { RouterLink } from '~/ui/RouterLink';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { words } from './words';

const DEFAULTS = { month: '' };
const MONTHS = 24;

export function SummaryTab() {
  const t = useWords(words);
  const { language } = useSpeaking();
  const [filters, setFilters] = useFilters(DEFAULTS);
  const months = lastMonths(MONTHS);
  const month = filters.month || (months[0] ?? '');
  const asked = { since: `${month}-01`, until: `${following(month)}-01` };
  const query = useQuery({
    queryKey: ['operator', 'ledger', 'summary', asked],
    queryFn: () =>
      call<LedgerSummary>(api.GET('/api/operator/ledger/summary', { params: { query: asked } })),
  });
  const { data } = query;
  const rows = data && data.accounts.length > 0 ? [data.total, ...data.accounts] : undefined;
  return (
    <Stack>
      <Group align="flex-end">
        <NativeSelect
          label={t.month}
          value={month}
          data={months.map((value) => ({ value, label: monthText(value, language) }))}
          onChange={(event) => setFilters({ month: event.currentTarget.value })}
        />
      </Group>
      {data && (
        <Alert
          color={data.adds_up ? 'green' : 'red'}
          icon={<Icon name={data.adds_up ? 'check' : 'warning'} />}
          title={data.adds_up ? t.addsUp : t.doesNotAddUp}
          role="status"
          data-agrees={data.adds_up}
        />
      )}
      <DataTable
        name="summary"
        label={t.summary}
        columns={useColumns(data?.kinds ?? [])}
        data={{
          rows: rows ?? (data ? [] : undefined),
          isLoading: query.isLoading,
          error: query.error,
          retry: () => void query.refetch(),
        }}
        rowId={(row) => row.account_id || 'total'}
        markedId="total"
        csv={`/api/operator/ledger/summary.csv${asQueryText(asked)}`}
        empty={<EmptyRows title={t.noneInMonth} />}
      />
    </Stack>
  );
}

function useColumns(kinds: string[]): Column<AccountSummary>[] {
  const t = useWords(words);
  const { kinds: names } = useWords(statementWords);
  const amount = (
    id: string,
    header: string,
    of: (row: AccountSummary) => number,
  ): Column<AccountSummary> => ({
    id,
    header,
    isRight: true,
    isFigure: id === 'closing',
    sort: of,
    cell: (row) => <Amount micros={of(row)} digits={2} />,
  });
  return [
    {
      id: 'account',
      header: t.account,
      sort: (row) => row.account,
      cell: (row) =>
        row.account_id ? (
          <RouterLink
            to="/operator/accounts/$account"
            params={{ account: row.account_id } as never}
          >
            {row.account}
          </RouterLink>
        ) : (
          <strong>{t.total}</strong>
        ),
    },
    amount('opening', t.opening, (row) => row.opening),
    ...kinds.map((kind) => amount(kind, names[kind] ?? kind, (row) => row.amounts[kind] ?? 0)),
    amount('closing', t.closing, (row) => row.closing),
    {
      id: 'entries',
      header: t.count,
      isRight: true,
      isHidden: true,
      cell: (row) => <Count value={row.entries} />,
    },
  ];
}

/** The months up to this one, the latest first: `2026-11`. */
function lastMonths(count: number, now = new Date()): string[] {
  return Array.from({ length: count }, (_, back) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString().slice(0, 7),
  );
}

function following(month: string): string {
  const [year = 1970, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 7);
}

function monthText(month: string, language: string): string {
  const format = { year: 'numeric', month: 'long', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat(language, format).format(Date.parse(`${month}-01`));
}
