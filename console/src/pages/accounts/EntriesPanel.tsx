// The latest entries of an account; a charge can be refunded from its row.
import { Button, Group, TextInput, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Listed, ShopEntry } from '~/api/types';
import { useMay } from '~/app/may';
import { useKeyset } from '~/app/rows';
import { useTexts } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { ConfirmDialog } from '~/ui/ConfirmDialog';
import { type Column, DataTable, EmptyRows } from '~/ui/DataTable';
import { Time } from '~/ui/Time';
import { toastDone } from '~/ui/toast';

const ROWS = 10;

export function EntriesPanel({ account }: { account: string }) {
  const texts = useTexts();
  const t = texts.accounts;
  const { kinds } = texts.statement;
  const queries = useQueryClient();
  const mayPay = useMay('owner', 'finance');
  const [refunding, setRefunding] = useState<ShopEntry | null>(null);
  const [reason, setReason] = useState('');
  const data = useKeyset(['operator', 'entries', account], (after) =>
    call<Listed<ShopEntry>>(api.GET('/api/operator/ledger', { params: { query: { account, after, limit: ROWS } } })));
  const refund = async () => {
    const body = { request_id: refunding?.request_id ?? '', reason };
    await call(api.POST('/api/operator/refunds', { body }));
    await queries.invalidateQueries({ queryKey: ['operator'] });
    setReason('');
    toastDone(t.refunded);
  };
  const columns: Column<ShopEntry>[] = [
    { id: 'at', header: t.time, cell: (row) => <Time at={row.at} /> },
    { id: 'kind', header: t.kind, cell: (row) => kinds[row.kind] ?? row.kind },
    { id: 'amount', header: t.amount, isRight: true, cell: (row) => <Amount micros={row.amount} isSigned /> },
    { id: 'after', header: t.balanceAfter, isRight: true, cell: (row) => <Amount micros={row.balance_after} /> },
    { id: 'reason', header: texts.shell.reason, cell: (row) => row.reason },
    { id: 'refund', header: '', isRight: true, cell: (row) => (mayPay && row.request_id && row.kind !== 'refund' ? (
      <Button size="xs" variant="default" onClick={() => setRefunding(row)}>{t.refund}</Button>
    ) : null) },
  ];
  return (
    <>
      <DataTable isPlain name="entries" label={t.entries} columns={columns} data={data} rowId={(row) => row.id}
        empty={<EmptyRows title={t.noEntries} />} toolbar={<Group><Title order={2} size="h4">{t.entries}</Title></Group>} />
      <ConfirmDialog isOpen={refunding !== null} onClose={() => setRefunding(null)} onConfirm={refund} title={t.refund} action={t.refund}
        text={<>{t.refundText} <Amount micros={-(refunding?.amount ?? 0)} show="both" fw={650} /></>}>
        <TextInput label={texts.shell.reason} value={reason} required onChange={(event) => setReason(event.currentTarget.value)} />
      </ConfirmDialog>
    </>
  );
}
