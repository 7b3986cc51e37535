// The account's statement: opening balance, every entry, closing balance. The page adds
// them up itself and says whether they agree, so that nobody has to believe the server.
import { Button, SimpleGrid, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Entry } from '~/api/types';
import { asQueryText, useFilters } from '~/data/filters';
import { RANGE, rangeFilters, rangeQuery } from '~/data/range';
import { useWords } from '~/i18n';
import { words as overviewWords } from '~/pages/customer/overview/words';
import { useAccountId, useSession } from '~/shell/site';
import { Amount } from '~/ui/Amount';
import { Count } from '~/ui/Count';
import { FilterBar } from '~/ui/FilterBar';
import { PageFrame } from '~/ui/PageFrame';
import { RouterButton, RouterLink } from '~/ui/RouterLink';
import { Stat } from '~/ui/Stat';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { isOfOrder } from './ofOrder';
import { Recomputed } from './Recomputed';
import { type StatementView, useStatement } from './useStatement';
import { words } from './words';

const DEFAULTS = { ...RANGE, range: 'month' };

export default function StatementPage() {
  const t = useWords(words);
  const overview = useWords(overviewWords);
  const account = useAccountId();
  const [filters, setFilters] = useFilters(DEFAULTS);
  const asked = rangeQuery(filters);
  const statement = useStatement(account, asked);
  const { sums, check } = statement;
  const print = usePrint(statement);
  const accountName = useSession().accounts.find(({ id }) => id === account)?.name ?? account;
  return (
    <PageFrame
      title={t.title}
      intro={t.intro}
      actions={
        <Button variant="default" loading={print.isWaiting} onClick={print.start}>
          {t.print}
        </Button>
      }
    >
      <FilterBar
        filters={rangeFilters(t, filters)}
        values={filters}
        defaults={DEFAULTS}
        onChange={setFilters}
      />
      <Text className="y-only-print">
        {accountName} · {spanText(asked)}
      </Text>
      {sums && (
        <>
          <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
            <Stat label={t.opening} value={<Amount micros={sums.opening} digits={2} />} />
            <Stat
              label={t.incoming}
              value={<Amount micros={sums.incoming} digits={2} isSigned />}
            />
            <Stat label={t.outgoing} value={<Amount micros={-sums.outgoing} digits={2} />} />
            <Stat
              label={t.closing}
              value={<Amount micros={sums.closing} digits={2} />}
              hint={
                <>
                  {t.entryCount} <Count value={sums.entries} />
                </>
              }
            />
          </SimpleGrid>
          {check && (
            <Recomputed
              sums={sums}
              check={check}
              isLong={statement.isLong}
              onReadAll={statement.readAll}
            />
          )}
        </>
      )}
      <DataTable
        name="statement"
        label={t.title}
        columns={useEntryColumns()}
        data={statement.data}
        rowId={(row) => row.id}
        csv={`/api/accounts/${account}/statement.csv${asQueryText(asked)}`}
        empty={
          <EmptyRows
            title={t.emptyTitle}
            text={t.emptyText}
            action={
              <RouterButton to="/top-up" variant="default">
                {overview.topUp}
              </RouterButton>
            }
          />
        }
      />
    </PageFrame>
  );
}

/** Why; what has to do with an order names it, and its page has the receipt. */
function Reason({ entry }: { entry: Entry }) {
  const t = useWords(words);
  if (!isOfOrder(entry)) return entry.reason || t.shell.none;
  return (
    <RouterLink to="/orders/$order" params={{ order: entry.reason ?? '' }} className="y-mono">
      {entry.reason}
    </RouterLink>
  );
}

/** Paper gets every entry and a finished check: printing waits for both. */
function usePrint(statement: StatementView) {
  const [isWaiting, setWaiting] = useState(false);
  const { check, readAll, showAll } = statement;
  const isRead = check !== null && check.state !== 'reading';
  useEffect(() => {
    if (!isWaiting || !isRead) return;
    setWaiting(false);
    requestAnimationFrame(() => window.print());
  }, [isWaiting, isRead]);
  const start = () => {
    readAll();
    showAll();
    setWaiting(true);
  };
  return { isWaiting, start };
}

/** The span on paper, where the filters are not: `until` is excluded, and empty means now. */
function spanText(asked: Record<string, string>, now = new Date()): string {
  return `${asked.since ?? '…'} – ${asked.until ?? `${now.toISOString().slice(0, 19)}Z`}`;
}

function useEntryColumns(): Column<Entry>[] {
  const t = useWords(words);
  return [
    { id: 'at', header: t.at, cell: (row) => <Time at={row.at} /> },
    {
      id: 'kind',
      header: t.kind,
      cell: (row) => <span className="y-line">{t.kinds[row.kind] ?? row.kind}</span>,
    },
    {
      id: 'amount',
      header: t.amount,
      isRight: true,
      isFigure: true,
      cell: (row) => <Amount micros={row.amount} digits={6} isSigned />,
    },
    {
      id: 'balance',
      header: t.balanceAfter,
      isRight: true,
      cell: (row) => <Amount micros={row.balance_after} digits={6} />,
    },
    {
      id: 'request',
      header: t.shell.requestId,
      cell: (row) =>
        row.request_id === null ? (
          t.shell.none
        ) : (
          <RouterLink to="/logs" search={{ request: row.request_id } as never} className="y-mono">
            {row.request_id}
          </RouterLink>
        ),
    },
    { id: 'reason', header: t.reason, cell: (row) => <Reason entry={row} /> },
    {
      id: 'seq',
      header: t.seq,
      isRight: true,
      isHidden: true,
      cell: (row) => <Count value={row.seq} />,
    },
    { id: 'actor', header: t.actor, isHidden: true, cell: (row) => row.actor ?? t.shell.none },
    {
      id: 'id',
      header: t.entryId,
      isHidden: true,
      cell: (row) => <span className="y-mono">{row.id}</span>,
    },
  ];
}
