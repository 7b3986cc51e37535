// What operators remember of an account, and a tier that it was promised.
import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { AccountDetail } from '~/api/types';
import { useSubmit } from '~/app/form';
import { microsOf, typed } from '~/app/format';
import { useMay } from '~/app/may';
import { useCurrency } from '~/app/site';
import { useTexts } from '~/i18n';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { toastDone } from '~/ui/toast';

export function NotesPanel({ account }: { account: AccountDetail }) {
  const texts = useTexts();
  const t = texts.accounts;
  const { symbol } = useCurrency();
  const mayCare = useMay('owner', 'support');
  const queries = useQueryClient();
  const form = useForm({
    initialValues: {
      notes: account.notes,
      tier: account.tier_min_balance === null ? '' : typed(account.tier_min_balance),
    },
    validate: { tier: (value) => (value === '' || microsOf(value) !== null ? null : texts.shell.notAnAmount) },
  });
  const saving = useSubmit(form, async ({ notes, tier }) => {
    const body = { notes, tier_min_balance: tier === '' ? null : microsOf(tier) };
    await call(api.PATCH('/api/operator/accounts/{account}', { params: { path: { account: account.id } }, body }));
    await queries.invalidateQueries({ queryKey: ['operator', 'account', account.id] });
    toastDone(texts.shell.saved);
  });
  return (
    <Panel title={t.notes}>
      <form onSubmit={form.onSubmit((values) => void saving.submit(values))}>
        <Stack>
          <Textarea label={t.notes} autosize minRows={3} readOnly={!mayCare} {...form.getInputProps('notes')} />
          <TextInput label={`${t.promisedTier} (${symbol})`} description={t.promisedTierHint} inputMode="decimal" readOnly={!mayCare} {...form.getInputProps('tier')} />
          <Refusal text={saving.refused} />
          {mayCare && <Group><Button type="submit" variant="default" loading={saving.isBusy}>{texts.shell.save}</Button></Group>}
        </Stack>
      </form>
    </Panel>
  );
}
