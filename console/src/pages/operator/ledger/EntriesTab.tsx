// Entries of everybody, the latest first, by time, account, kind, request or key. Charges of
// requests, which are most of them, are left out until they are asked for.
import { Stack } from '@mantine/core';
import { api, call } from '~/api/client';
import type { AccountEntry, Listed } from '~/api/types';
import { asQuery, asQueryText, useFilters } from '~/data/filters';
import { RANGE, rangeFilters, rangeQuery } from '~/data/range';
import { useKeyset } from '~/data/rows';
import { useWords } from '~/i18n';
import { words as statementWords } from '~/pages/customer/statement/words';
import { Amount } from '~/ui/Amount';
import { FilterBar } from '~/ui/FilterBar';
import { RouterLink } from '~/ui/RouterLink';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { words } from './words';

const DEFAULTS = { ...RANGE, account: '', kind: '', request_id: '', key: '' };
const MONEY = 'money';

export function EntriesTab() {
  const t = useWords(words);
  const [filters, setFilters] = useFilters(DEFAULTS);
  const { range: _range, since: _since, until: _until, kind, ...rest } = filters;
  const span = rangeQuery(filters);
  const byKind: Record<string, string> =
    kind === '' || kind === MONEY ? { charges: kind === MONEY ? 'false' : 'true' } : { kind };
  const asked = { ...span, ...asQuery(rest), ...(filters.request_id ? {} : byKind) };
  const data = useKeyset(['operator', 'ledger', asked], (after) =>
    call<Listed<AccountEntry>>(
      api.GET('/api/operator/ledger', {
        params: { query: { ...asked, ...(after ? { after } : {}) } as never },
      }),
    ),
  );
  const csv = asQueryText({ ...span, account: filters.account, kind: byKind.kind ?? '' });
  const isFiltered = Object.values(rest).some((value) => value !== '');
  return (
    <Stack>
      <FilterBar
        values={filters}
        defaults={DEFAULTS}
        onChange={setFilters}
        filters={useBar(filters)}
      />
      <DataTable
        name="ledger"
        label={t.title}
        columns={useColumns()}
        data={data}
        rowId={(row) => row.id}
        csv={`/api/operator/ledger.csv${csv}`}
        empty={<EmptyRows title={isFiltered ? t.shell.noMatch : t.empty} />}
      />
    </Stack>
  );
}

function useBar(filters: Record<keyof typeof DEFAULTS, string>) {
  const t = useWords(words);
  const { kinds } = useWords(statementWords);
  const kindOptions = [
    { value: '', label: t.shell.all },
    { value: MONEY, label: t.withoutCharges },
    ...Object.entries(kinds).map(([value, label]) => ({ value, label })),
  ];
  return [
    ...rangeFilters(t, filters),
    { name: 'account', label: t.accountId, placeholder: t.accountHint },
    { name: 'kind', label: t.kind, options: kindOptions },
    { name: 'request_id', label: t.request },
    { name: 'key', label: t.key },
  ];
}

function useColumns(): Column<AccountEntry>[] {
  const t = useWords(words);
  const { kinds } = useWords(statementWords);
  return [
    { id: 'at', header: t.time, cell: (row) => <Time at={row.at} show="short" /> },
    {
      id: 'account',
      header: t.account,
      cell: (row) => (
        <RouterLink to="/operator/accounts/$account" params={{ account: row.account_id }}>
          {row.account_name}
        </RouterLink>
      ),
    },
    { id: 'kind', header: t.kind, cell: (row) => kinds[row.kind] ?? row.kind },
    {
      id: 'amount',
      header: t.amount,
      isRight: true,
      isFigure: true,
      cell: (row) => <Amount micros={row.amount} digits={6} isSigned />,
    },
    {
      id: 'contra',
      header: t.contra,
      cell: (row) => (t.contras as Record<string, string | undefined>)[row.contra] ?? row.contra,
    },
    {
      id: 'after',
      header: t.balanceAfter,
      isRight: true,
      cell: (row) => <Amount micros={row.balance_after} digits={6} />,
    },
    { id: 'reason', header: t.shell.reason, cell: (row) => row.reason },
    {
      id: 'actor',
      header: t.actor,
      cell: (row) => <span className="y-mono">{row.actor}</span>,
      isHidden: true,
    },
    {
      id: 'request',
      header: t.request,
      cell: (row) => <span className="y-mono">{row.request_id ?? '—'}</span>,
      isHidden: true,
    },
    {
      id: 'key',
      header: t.key,
      cell: (row) => <span className="y-mono">{row.key ?? '—'}</span>,
      isHidden: true,
    },
  ];
}
