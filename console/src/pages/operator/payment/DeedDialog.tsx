// Credit by hand, refund, dismiss: each asks for a reason, and says what it does.
import { Button, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { OrderDetails } from '~/api/types';
import { useSubmit } from '~/data/form';
import { microsOf, typed } from '~/format/format';
import { useWords } from '~/i18n';
import { useCurrency } from '~/shell/site';
import { Amount } from '~/ui/Amount';
import { FormModal } from '~/ui/dialogs';
import { Refusal } from '~/ui/Refusal';
import { words } from './words';

/** Whether another sum came than the order's. */
function isOther(order: OrderDetails): boolean {
  return order.came !== null && order.came !== undefined && order.came.credit !== order.credit;
}

export type Deed = 'credit' | 'refund' | 'dismiss';

export function DeedDialog(props: {
  deed: Deed;
  order: OrderDetails;
  onClose: () => void;
  onDone: (order: OrderDetails) => void;
}) {
  const t = useWords(words);
  const { deed, order } = props;
  const currency = useCurrency();
  // One key for as long as the dialog is open: a second click is the same refund.
  const [key] = useState(() => crypto.randomUUID());
  const form = useForm({
    initialValues: {
      reference: order.payment_ref ?? '',
      reason: '',
      amount: deed === 'credit' && isOther(order) ? typed(order.came?.credit ?? 0) : '',
    },
    validate: {
      amount: (value) =>
        deed === 'credit' && value.trim() !== '' && microsOf(value) === null
          ? t.shell.notAnAmount
          : null,
      reason: (value) => (value.trim() === '' ? t.shell.required : null),
      reference: (value) => (deed === 'credit' && value.trim() === '' ? t.shell.required : null),
    },
  });
  const sending = useSubmit(form, async ({ reference, reason, amount }) => {
    const params = { path: { order: order.id } };
    const asked = {
      credit: () =>
        api.POST('/api/operator/payments/orders/{order}/credit', {
          params,
          body: { reference, reason, amount: amount.trim() === '' ? null : microsOf(amount) },
        }),
      refund: () =>
        api.POST('/api/operator/payments/orders/{order}/refund', {
          params,
          body: { reason, key, amount: amount.trim() === '' ? null : amount },
        }),
      dismiss: () =>
        api.POST('/api/operator/payments/orders/{order}/dismiss', { params, body: { reason } }),
    };
    props.onDone(await call<OrderDetails>(asked[deed]()));
  });
  return (
    <FormModal opened onClose={props.onClose} title={t[deed]}>
      <form onSubmit={form.onSubmit((values) => void sending.submit(values))}>
        <Stack>
          {deed === 'credit' && <Text>{t.creditText}</Text>}
          {deed === 'refund' && <Text>{t.refundText}</Text>}
          {deed === 'credit' && (
            <TextInput
              label={t.reference}
              description={t.referenceHint}
              required
              {...form.getInputProps('reference')}
            />
          )}
          {deed === 'credit' && (
            <TextInput
              label={t.creditAmount(currency.symbol)}
              description={
                <>
                  {t.creditAmountHint} <Amount micros={order.credit} />
                  {order.came &&
                    ` · ${t.came} ${order.came.amount} ${order.currency.toUpperCase()}`}
                </>
              }
              inputMode="decimal"
              {...form.getInputProps('amount')}
            />
          )}
          {deed === 'refund' && (
            <TextInput
              label={t.amount}
              description={t.amountHint}
              {...form.getInputProps('amount')}
            />
          )}
          <TextInput label={t.why} required {...form.getInputProps('reason')} />
          <Refusal text={sending.refused} />
          <div>
            <Button
              type="submit"
              color={deed === 'refund' ? 'red' : undefined}
              loading={sending.isBusy}
            >
              {t[deed]}
            </Button>
          </div>
        </Stack>
      </form>
    </FormModal>
  );
}
