// The latest entries of an account; a charge can be refunded from its row.
import { Button, Group, TextInput, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { AccountEntry, Listed } from '~/api/types';
import { useKeyset } from '~/data/rows';
import { useWords } from '~/i18n';
import { EarlierOrders } from '~/pages/customer/orders/EarlierOrders';
import { isOfOrder } from '~/pages/customer/statement/ofOrder';
import { words as statementWords } from '~/pages/customer/statement/words';
import { words } from '~/pages/operator/accounts/words';
import { useMay } from '~/shell/may';
import { Amount } from '~/ui/Amount';
import { ConfirmDialog } from '~/ui/ConfirmDialog';
import { RouterLink } from '~/ui/RouterLink';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastDone } from '~/ui/toast';

const ROWS = 10;

export function EntriesPanel({ account }: { account: string }) {
  const t = useWords(words);
  const { kinds } = useWords(statementWords);
  const queries = useQueryClient();
  const mayPay = useMay('owner', 'finance');
  const [refunding, setRefunding] = useState<AccountEntry | null>(null);
  const [reason, setReason] = useState('');
  const data = useKeyset(['operator', 'entries', account], (after) =>
    call<Listed<AccountEntry>>(
      api.GET('/api/operator/ledger', { params: { query: { account, after, limit: ROWS } } }),
    ),
  );
  // The latest come first, so the refund of a charge that is shown is shown, too.
  const refunded = new Set(data.rows?.map(({ key }) => key));
  const refund = async () => {
    const body = { request_id: refunding?.request_id ?? '', reason };
    await call(api.POST('/api/operator/refunds', { body }));
    await queries.invalidateQueries({ queryKey: ['operator'] });
    setReason('');
    toastDone(t.refunded);
  };
  const columns: Column<AccountEntry>[] = [
    { id: 'at', header: t.time, cell: (row) => <Time at={row.at} show="short" /> },
    { id: 'kind', header: t.kind, cell: (row) => kinds[row.kind] ?? row.kind },
    {
      id: 'amount',
      header: t.amount,
      isRight: true,
      cell: (row) => <Amount micros={row.amount} digits={6} isSigned />,
    },
    {
      id: 'after',
      header: t.balanceAfter,
      isRight: true,
      cell: (row) => <Amount micros={row.balance_after} digits={6} />,
    },
    {
      id: 'reason',
      header: t.shell.reason,
      cell: (row) =>
        isOfOrder(row) ? (
          <RouterLink to="/operator/payments/$order" params={{ order: row.reason }}>
            <span className="y-mono">{row.reason}</span>
          </RouterLink>
        ) : (
          row.reason
        ),
    },
    {
      id: 'refund',
      header: '',
      isRight: true,
      cell: (row) =>
        mayPay && row.request_id && !refunded.has(`refund:${row.request_id}`) ? (
          <Button size="xs" variant="default" onClick={() => setRefunding(row)}>
            {t.refund}
          </Button>
        ) : null,
    },
  ];
  return (
    <>
      <DataTable
        isPlain
        name="entries"
        label={t.entries}
        columns={columns}
        data={data}
        rowId={(row) => row.id}
        empty={<EmptyRows title={t.noEntries} />}
        toolbar={
          <Group>
            <Title order={2} size="h4">
              {t.entries}
            </Title>
          </Group>
        }
      />
      <EarlierOrders account={account} />
      <ConfirmDialog
        isOpen={refunding !== null}
        onClose={() => setRefunding(null)}
        onConfirm={refund}
        title={t.refund}
        action={t.refund}
        text={
          <>
            {t.refundText} <Amount micros={-(refunding?.amount ?? 0)} show="both" fw={650} />
          </>
        }
      >
        <TextInput
          label={t.shell.reason}
          value={reason}
          required
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      </ConfirmDialog>
    </>
  );
}
