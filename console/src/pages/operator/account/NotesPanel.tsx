// An account's name, what operators remember of it, and a tier that it was promised.
import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { AccountDetail } from '~/api/types';
import { useSubmit } from '~/data/form';
import { microsOf, typed } from '~/format/format';
import { useWords } from '~/i18n';
import { words } from '~/pages/operator/accounts/words';
import { useMay } from '~/shell/may';
import { useCurrency } from '~/shell/site';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { toastDone } from '~/ui/toast';

export function NotesPanel({ account }: { account: AccountDetail }) {
  const t = useWords(words);
  const { symbol } = useCurrency();
  const mayCare = useMay('owner', 'support');
  const queries = useQueryClient();
  const form = useForm({
    initialValues: {
      name: account.name,
      notes: account.notes,
      tier: account.tier_min_balance === null ? '' : typed(account.tier_min_balance),
    },
    validate: {
      name: (value) => (value.trim() === '' ? t.shell.required : null),
      tier: (value) => (value === '' || microsOf(value) !== null ? null : t.shell.notAnAmount),
    },
  });
  const saving = useSubmit(form, async ({ name, notes, tier }) => {
    const body = {
      name: name.trim(),
      notes,
      tier_min_balance: tier === '' ? null : microsOf(tier),
    };
    await call(
      api.PATCH('/api/operator/accounts/{account}', {
        params: { path: { account: account.id } },
        body,
      }),
    );
    await queries.invalidateQueries({ queryKey: ['operator'] });
    toastDone(t.shell.saved);
  });
  return (
    <Panel title={t.profile}>
      <form onSubmit={form.onSubmit((values) => void saving.submit(values))}>
        <Stack>
          <TextInput label={t.shell.name} readOnly={!mayCare} {...form.getInputProps('name')} />
          <Textarea
            label={t.notes}
            autosize
            minRows={3}
            readOnly={!mayCare}
            {...form.getInputProps('notes')}
          />
          <TextInput
            label={`${t.promisedTier} (${symbol})`}
            description={t.promisedTierHint}
            inputMode="decimal"
            readOnly={!mayCare}
            {...form.getInputProps('tier')}
          />
          <Refusal text={saving.refused} />
          {mayCare && (
            <Group>
              <Button type="submit" variant="default" loading={saving.isBusy}>
                {t.shell.save}
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Panel>
  );
}
