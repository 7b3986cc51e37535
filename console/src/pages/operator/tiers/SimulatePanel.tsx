// Asks which limits apply to an account and a model; asking counts nothing.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { api, call } from '~/api/client';
import { useSubmit } from '~/data/form';
import { count } from '~/format/format';
import { useWords } from '~/i18n';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { words } from './words';

interface Window {
  limit: number;
  base: number | null;
  remaining: number | null;
}
interface Simulation {
  reason: string;
  requests_per_minute: Window | null;
  tokens_per_minute: Window | null;
  concurrency: number | null;
}

export function SimulatePanel() {
  const t = useWords(words);
  const [found, setFound] = useState<Simulation | null>(null);
  const needed = (value: string) => (value.trim() === '' ? t.shell.required : null);
  const form = useForm({
    initialValues: { account: '', model: '' },
    validate: { account: needed, model: needed },
  });
  const asking = useSubmit(form, async (values) => {
    const query = { account: values.account.trim(), model: values.model.trim() };
    const { document } = await call<{ document: object }>(
      api.GET('/api/operator/limits', { params: { query } }),
    );
    setFound(document as Simulation);
  });
  return (
    <Panel title={t.simulate}>
      <form onSubmit={form.onSubmit((values) => void asking.submit(values))}>
        <Stack>
          <Group align="flex-end">
            <TextInput label={t.account} {...form.getInputProps('account')} />
            <TextInput label={t.model} {...form.getInputProps('model')} />
            <Button type="submit" variant="default" loading={asking.isBusy}>
              {t.ask}
            </Button>
          </Group>
          <Refusal text={asking.refused} />
        </Stack>
      </form>
      {found && (
        <Stack gap="xs" mt="md" role="status">
          <Line label={t.requests} window={found.requests_per_minute} />
          <Line label={t.tokens} window={found.tokens_per_minute} />
          <Text>
            {t.concurrency}: {found.concurrency === null ? t.unlimited : count(found.concurrency)}
          </Text>
          <Text c="dimmed">{found.reason}</Text>
        </Stack>
      )}
    </Panel>
  );
}

function Line({ label, window }: { label: string; window: Window | null }) {
  const t = useWords(words);
  if (window === null)
    return (
      <Text>
        {label}: {t.unlimited}
      </Text>
    );
  return (
    <Text>
      {label}:{' '}
      <Text span fw={650} className="y-number">
        {count(window.limit)}
      </Text>
      {window.remaining === null ? null : (
        <Text span c="dimmed">
          {' '}
          · {t.remaining(count(window.remaining))}
        </Text>
      )}
    </Text>
  );
}
