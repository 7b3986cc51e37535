// The receipt of a credited order, to print, and the request for an invoice.
import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Order, Receipt } from '~/api/types';
import { isEmail, useSubmit } from '~/data/form';
import { useWords } from '~/i18n';
import { useAccountId } from '~/shell/site';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { ErrorState, LoadingState } from '~/ui/States';
import { words } from './words';

export function ReceiptPanel({ order }: { order: Order }) {
  const t = useWords(words);
  const account = useAccountId();
  const [isAsking, setAsking] = useState(false);
  const query = useQuery({
    queryKey: ['account', account, 'receipt', order.id],
    queryFn: () =>
      call<Receipt>(
        api.GET('/api/accounts/{account}/orders/{order}/receipt', {
          params: { path: { account, order: order.id } },
        }),
      ),
  });
  const receipt = query.data;
  const isAllBack = order.refunded >= order.credit;
  return (
    <Panel
      title={t.receipt}
      actions={
        <Button variant="default" size="xs" className="y-no-print" onClick={() => window.print()}>
          {t.print}
        </Button>
      }
    >
      {query.isLoading ? <LoadingState rows={2} /> : null}
      {query.error && !receipt ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : null}
      {receipt && (
        <Stack gap="xs">
          <Text>
            {t.seller}: {receipt.seller}
            {receipt.seller_tax_number && ` · ${t.taxNumber}: ${receipt.seller_tax_number}`}
          </Text>
          <Text>
            {t.payer}: {receipt.payer}
          </Text>
          {order.refunded > 0 && (
            <Text fw={600}>
              {isAllBack
                ? t.allBack
                : `${t.net}: ${receipt.net_amount} ${order.currency.toUpperCase()}`}
            </Text>
          )}
          {receipt.entry_id && (
            <Text>
              {t.entry}: <span className="y-mono">{receipt.entry_id}</span>
            </Text>
          )}
          {receipt.invoice === 'done' && <Alert color="green">{t.invoiceDone}</Alert>}
          {receipt.invoice === 'asked' && <Alert color="blue">{t.invoiceAsked}</Alert>}
          {receipt.invoice === null && !isAsking && !isAllBack && (
            <Group className="y-no-print">
              <Button variant="default" size="xs" onClick={() => setAsking(true)}>
                {t.invoice}
              </Button>
            </Group>
          )}
          {receipt.invoice === null && isAsking && !isAllBack && <InvoiceForm order={order} />}
        </Stack>
      )}
    </Panel>
  );
}

function InvoiceForm({ order }: { order: Order }) {
  const t = useWords(words);
  const account = useAccountId();
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { title: '', tax_number: '', email: '' },
    validate: {
      title: (value) => (value.trim() === '' ? t.shell.required : null),
      email: (value) => (isEmail(value) ? null : t.shell.required),
    },
  });
  const sending = useSubmit(form, async (values) => {
    const path = { account, order: order.id };
    const receipt = await call<Receipt>(
      api.POST('/api/accounts/{account}/orders/{order}/invoice', {
        params: { path },
        body: values,
      }),
    );
    queries.setQueryData(['account', account, 'receipt', order.id], receipt);
  });
  return (
    <form onSubmit={form.onSubmit((values) => void sending.submit(values))}>
      <Stack gap="xs" maw={420} className="y-no-print">
        <TextInput label={t.invoiceTitle} required {...form.getInputProps('title')} />
        <TextInput label={t.taxNumber} {...form.getInputProps('tax_number')} />
        <TextInput label={t.email} type="email" required {...form.getInputProps('email')} />
        <Refusal text={sending.refused} />
        <div>
          <Button type="submit" loading={sending.isBusy}>
            {t.send}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
