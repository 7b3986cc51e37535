// A signed amount with a reason: what will be posted is shown before it is, and one key
// makes sure that a second click posts nothing.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { AccountDetail } from '~/api/types';
import { useSubmit } from '~/data/form';
import { microsOf } from '~/format/format';
import { useWords } from '~/i18n';
import { words } from '~/pages/operator/accounts/words';
import { useCurrency } from '~/shell/site';
import { Amount } from '~/ui/Amount';
import { Refusal } from '~/ui/Refusal';
import { toastDone } from '~/ui/toast';

export function AdjustForm({ account, onDone }: { account: AccountDetail; onDone: () => void }) {
  const t = useWords(words);
  const { symbol } = useCurrency();
  const queries = useQueryClient();
  const [key] = useState(() => crypto.getRandomValues(new Uint32Array(4)).join('-'));
  const [isSure, setSure] = useState(false);
  const form = useForm({
    initialValues: { amount: '', reason: '' },
    validate: {
      amount: (value) => (microsOf(value) ? null : t.shell.notAnAmount),
      reason: (value) => (value.trim() === '' ? t.shell.required : null),
    },
    onValuesChange: () => setSure(false),
  });
  const amount = microsOf(form.values.amount) ?? 0;
  const posting = useSubmit(form, async (values) => {
    if (!isSure) {
      setSure(true);
      return;
    }
    const body = { amount, reason: values.reason.trim(), key };
    await call(
      api.POST('/api/operator/accounts/{account}/adjust', {
        params: { path: { account: account.id } },
        body,
      }),
    );
    await queries.invalidateQueries({ queryKey: ['operator'] });
    toastDone(t.adjusted);
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit((values) => void posting.submit(values))}>
      <Stack>
        <TextInput
          label={`${t.amount} (${symbol})`}
          description={t.amountHint}
          inputMode="decimal"
          data-autofocus
          {...form.getInputProps('amount')}
        />
        <TextInput label={t.shell.reason} {...form.getInputProps('reason')} />
        {isSure && (
          <Text role="status">
            {t.willPost} <Amount micros={amount} show="both" isSigned fw={650} /> · {t.balanceAfter}{' '}
            <Amount micros={account.balance + amount} show="both" />
          </Text>
        )}
        <Refusal text={posting.refused} />
        <Group justify="flex-end">
          <Button type="submit" loading={posting.isBusy}>
            {isSure ? t.post : t.check}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
