// Language, zone, and when to warn of a low balance.
import { Button, Group, NativeSelect, SimpleGrid, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { Session, User } from '~/api/types';
import { useSubmit } from '~/data/form';
import { microsOf, typed } from '~/format/format';
import { LANGUAGES, type Language, useSpeaking, useWords } from '~/i18n';
import { useCurrency, useSession } from '~/shell/site';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { toastDone } from '~/ui/toast';
import { words } from './words';

const ZONES = Intl.supportedValuesOf('timeZone');

export function PreferencesPanel() {
  const t = useWords(words);
  const { setLanguage } = useSpeaking();
  const { symbol } = useCurrency();
  const { user } = useSession();
  const queries = useQueryClient();
  const form = useForm({
    initialValues: {
      language: user.language ?? '',
      zone: user.zone ?? '',
      low_balance: user.low_balance === null ? '' : typed(user.low_balance),
    },
    validate: {
      low_balance: (value) =>
        value === '' || microsOf(value) !== null ? null : t.shell.notAnAmount,
    },
  });
  const saving = useSubmit(form, async (values) => {
    const body = {
      language: values.language || null,
      zone: values.zone || null,
      low_balance: values.low_balance === '' ? null : microsOf(values.low_balance),
    };
    const changed = await call<User>(api.PATCH('/api/me', { body }));
    queries.setQueryData(
      ['session'],
      (before: Session | undefined) => before && { ...before, user: changed },
    );
    if (values.language) setLanguage(values.language as Language);
    toastDone(t.shell.saved);
  });
  const languages = Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }));
  return (
    <Panel title={t.preferences}>
      <form onSubmit={form.onSubmit((values) => void saving.submit(values))}>
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <NativeSelect
            label={t.language}
            data={[{ value: '', label: t.languageAuto }, ...languages]}
            {...form.getInputProps('language')}
          />
          <NativeSelect
            label={t.zone}
            data={[{ value: '', label: t.zoneAuto }, ...ZONES]}
            {...form.getInputProps('zone')}
          />
          <TextInput
            label={`${t.lowBalance} (${symbol})`}
            inputMode="decimal"
            {...form.getInputProps('low_balance')}
            description={t.lowBalanceHint}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
          />
        </SimpleGrid>
        <Refusal text={saving.refused} />
        <Group mt="sm">
          <Button type="submit" variant="default" loading={saving.isBusy}>
            {t.shell.save}
          </Button>
        </Group>
      </form>
    </Panel>
  );
}
