// The account's statement: opening balance, every entry, closing balance. The page adds
// them up itself and says whether they agree, so that nobody has to believe the server.
import { Button, SimpleGrid, Text } from '@mantine/core';
import type { Entry } from '~/api/types';
import { asQueryText, useFilters } from '~/app/filters';
import { RANGE, rangeFilters, rangeQuery } from '~/app/range';
import { useAccountId, useSession } from '~/app/site';
import { useTexts } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { Count } from '~/ui/Count';
import { type Column, DataTable, EmptyRows } from '~/ui/DataTable';
import { FilterBar } from '~/ui/FilterBar';
import { PageFrame } from '~/ui/PageFrame';
import { RouterButton, RouterLink } from '~/ui/RouterLink';
import { Stat } from '~/ui/Stat';
import { Time } from '~/ui/Time';
import { Recomputed } from './Recomputed';
import { useStatement } from './useStatement';

const DEFAULTS = { ...RANGE, range: 'month' };

export default function StatementPage() {
  const t = useTexts();
  const words = t.statement;
  const account = useAccountId();
  const [filters, setFilters] = useFilters(DEFAULTS);
  const asked = rangeQuery(filters);
  const statement = useStatement(account, asked);
  const { sums } = statement;
  const accountName = useSession().accounts.find(({ id }) => id === account)?.name ?? account;
  return (
    <PageFrame title={words.title} intro={words.intro}
      actions={<Button variant="default" onClick={() => window.print()}>{words.print}</Button>}>
      <FilterBar filters={rangeFilters(t, filters)} values={filters} defaults={DEFAULTS} onChange={setFilters} />
      <Text className="y-only-print">{accountName} · {spanText(asked)}</Text>
      {sums && (
        <>
          <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
            <Stat label={words.opening} value={<Amount micros={sums.opening} />} />
            <Stat label={words.incoming} value={<Amount micros={sums.incoming} isSigned />} hint={<>{words.entryCount} <Count value={sums.incomingCount} /></>} />
            <Stat label={words.outgoing} value={<Amount micros={sums.outgoing} />} hint={<>{words.entryCount} <Count value={sums.outgoingCount} /></>} />
            <Stat label={words.closing} value={<Amount micros={sums.closing} />} />
          </SimpleGrid>
          <Recomputed sums={sums} hasMore={statement.data.hasMore ?? false} />
        </>
      )}
      <DataTable name="statement" label={words.title} columns={useEntryColumns()} data={statement.data} rowId={(row) => row.id}
        csv={`/api/accounts/${account}/statement.csv${asQueryText(asked)}`}
        empty={<EmptyRows title={words.emptyTitle} text={words.emptyText} action={<RouterButton to="/top-up" variant="default">{t.overview.topUp}</RouterButton>} />} />
    </PageFrame>
  );
}

/** The span on paper, where the filters are not: `until` is excluded, and empty means now. */
function spanText(asked: Record<string, string>, now = new Date()): string {
  return `${asked.since ?? '…'} – ${asked.until ?? `${now.toISOString().slice(0, 19)}Z`}`;
}

function useEntryColumns(): Column<Entry>[] {
  const t = useTexts();
  const words = t.statement;
  return [
    { id: 'at', header: words.at, cell: (row) => <Time at={row.at} /> },
    { id: 'kind', header: words.kind, cell: (row) => <span className="y-line">{words.kinds[row.kind] ?? row.kind}</span> },
    { id: 'amount', header: words.amount, isRight: true, cell: (row) => <Amount micros={row.amount} isSigned show="both" isStacked /> },
    { id: 'balance', header: words.balanceAfter, isRight: true, cell: (row) => <Amount micros={row.balance_after} /> },
    { id: 'request', header: t.shell.requestId, cell: (row) => row.request_id === null ? t.shell.none : (
      <RouterLink to="/logs" search={{ request: row.request_id } as never} className="y-mono">{row.request_id}</RouterLink>
    ) },
    { id: 'reason', header: words.reason, cell: (row) => row.reason || t.shell.none },
    { id: 'seq', header: words.seq, isRight: true, isHidden: true, cell: (row) => <Count value={row.seq} /> },
    { id: 'actor', header: words.actor, isHidden: true, cell: (row) => row.actor ?? t.shell.none },
    { id: 'id', header: words.entryId, isHidden: true, cell: (row) => <span className="y-mono">{row.id}</span> },
  ];
}
