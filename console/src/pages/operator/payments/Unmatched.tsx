// Notifies with a good signature that belong to no order; what came can be credited by hand.
import { Button, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Listed, Order, PaymentEvent } from '~/api/types';
import { useSubmit } from '~/data/form';
import { rowsOf } from '~/data/rows';
import { useWords } from '~/i18n';
import { useMay } from '~/shell/may';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { Modal } from '~/ui/dialogs';
import { Refusal } from '~/ui/Refusal';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastDone } from '~/ui/toast';
import { words } from './words';

export function Unmatched() {
  const t = useWords(words);
  const mayPay = useMay('owner', 'finance');
  const [crediting, setCrediting] = useState<PaymentEvent | null>(null);
  const query = useQuery({
    queryKey: ['operator', 'payments', 'unmatched'],
    queryFn: () => call<Listed<PaymentEvent>>(api.GET('/api/operator/payments/unmatched')),
  });
  const columns: Column<PaymentEvent>[] = [
    { id: 'time', header: t.time, cell: (row) => <Time at={row.at} /> },
    {
      id: 'facts',
      header: t.facts,
      cell: (row) => (
        <span className="y-mono">
          {Object.entries(row.facts)
            .map(([name, value]) => `${name}=${String(value)}`)
            .join(' ')}
        </span>
      ),
    },
    {
      id: 'do',
      header: '',
      isRight: true,
      cell: (row) =>
        mayPay && (
          <Button size="xs" variant="default" onClick={() => setCrediting(row)}>
            {t.creditIt}
          </Button>
        ),
    },
  ];
  return (
    <>
      <DataTable
        isPlain
        name="unmatched"
        label={t.tabs.unmatched}
        columns={columns}
        data={rowsOf(query)}
        rowId={(row) => `${row.at}${row.event}`}
        empty={<EmptyRows title={t.noUnmatched} />}
      />
      {crediting && <CreditDialog event={crediting} onClose={() => setCrediting(null)} />}
    </>
  );
}

function CreditDialog({ event, onClose }: { event: PaymentEvent; onClose: () => void }) {
  const t = useWords(words);
  const queries = useQueryClient();
  const fact = (...names: string[]) =>
    String(names.map((name) => event.facts[name]).find((value) => value) ?? '');
  const form = useForm({
    initialValues: {
      account: '',
      amount: fact('money', 'total_amount'),
      reference: fact('payment_ref', 'trade_no'),
      reason: '',
    },
    validate: Object.fromEntries(
      ['account', 'amount', 'reference', 'reason'].map((name) => [
        name,
        (value: string) => (value.trim() === '' ? t.shell.required : null),
      ]),
    ),
  });
  const sending = useSubmit(form, async (values) => {
    const body = { ...values, method: event.method ?? '' };
    await call<Order>(api.POST('/api/operator/payments/unmatched', { body }));
    await queries.invalidateQueries({ queryKey: ['operator', 'payments'] });
    toastDone(t.wasCredited);
    onClose();
  });
  return (
    <Modal opened onClose={onClose} title={t.creditIt} closeButtonProps={useCloseLabel()}>
      <form onSubmit={form.onSubmit((values) => void sending.submit(values))}>
        <Stack>
          <Text>{t.creditItText}</Text>
          <TextInput label={t.accountName} required {...form.getInputProps('account')} />
          <TextInput
            label={t.came}
            description={t.cameHint}
            inputMode="decimal"
            required
            {...form.getInputProps('amount')}
          />
          <TextInput label={t.reference} required {...form.getInputProps('reference')} />
          <TextInput label={t.reason} required {...form.getInputProps('reason')} />
          <Refusal text={sending.refused} />
          <div>
            <Button type="submit" loading={sending.isBusy}>
              {t.creditIt}
            </Button>
          </div>
        </Stack>
      </form>
    </Modal>
  );
}
