// Tiers by balance, and a simulation: which limit applies to an account and a model, and why.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { Tier } from '~/api/types';
import { useSubmit } from '~/data/form';
import { microsOf, typed } from '~/format/format';
import { useWords } from '~/i18n';
import { useMay } from '~/shell/may';
import { useCurrency } from '~/shell/site';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { EmptyState, ErrorState, LoadingState } from '~/ui/States';
import { toastDone } from '~/ui/toast';
import { SimulatePanel } from './SimulatePanel';
import { words } from './words';

const KEY = ['operator', 'tiers'];
const FACTOR = /^\d{1,6}(\.\d{1,6})?$/;

export default function TiersPage() {
  const t = useWords(words);
  const query = useQuery({
    queryKey: KEY,
    queryFn: () => call<{ tiers: Tier[] }>(api.GET('/api/operator/tiers')),
  });
  return (
    <PageFrame title={t.title} intro={t.intro}>
      <Panel title={t.tiers}>
        {query.data ? (
          <TiersForm key={JSON.stringify(query.data)} tiers={query.data.tiers} />
        ) : null}
        {!query.data && query.isLoading ? <LoadingState rows={3} /> : null}
        {!query.data && query.error ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : null}
      </Panel>
      <SimulatePanel />
    </PageFrame>
  );
}

interface Row {
  min_balance: string;
  rate: string;
  price_factor: string;
}

function TiersForm({ tiers }: { tiers: Tier[] }) {
  const t = useWords(words);
  const { symbol } = useCurrency();
  const mayEdit = useMay('owner');
  const queries = useQueryClient();
  const rows: Row[] = tiers.map((tier) => ({
    min_balance: typed(tier.min_balance),
    rate: tier.rate ?? '1',
    price_factor: tier.price_factor ?? '1',
  }));
  const form = useForm({
    initialValues: { rows },
    validate: {
      rows: {
        min_balance: (value) => (microsOf(value) === null ? t.shell.notAnAmount : null),
        rate: (value) => (FACTOR.test(value) ? null : t.notAFactor),
        price_factor: (value) => (FACTOR.test(value) ? null : t.notAFactor),
      },
    },
  });
  const saving = useSubmit(form, async (values) => {
    const body = {
      tiers: values.rows.map((row) => ({ ...row, min_balance: microsOf(row.min_balance) ?? 0 })),
    };
    await call(api.PUT('/api/operator/tiers', { body }));
    await queries.invalidateQueries({ queryKey: KEY });
    toastDone(t.shell.saved);
  });
  return (
    <form onSubmit={form.onSubmit((values) => void saving.submit(values))}>
      <Stack>
        {form.values.rows.length === 0 && (
          <EmptyState title={t.empty} text={t.emptyText} icon="gauge" />
        )}
        {form.values.rows.map((_, index) => (
          <Group key={index} align="flex-end" gap="sm" role="group" aria-label={t.row(index + 1)}>
            <TextInput
              label={`${t.minBalance} (${symbol})`}
              inputMode="decimal"
              readOnly={!mayEdit}
              {...form.getInputProps(`rows.${index}.min_balance`)}
            />
            <TextInput
              label={t.rate}
              inputMode="decimal"
              w={120}
              readOnly={!mayEdit}
              {...form.getInputProps(`rows.${index}.rate`)}
            />
            <TextInput
              label={t.priceFactor}
              inputMode="decimal"
              w={120}
              readOnly={!mayEdit}
              {...form.getInputProps(`rows.${index}.price_factor`)}
            />
            {mayEdit && (
              <Button variant="default" onClick={() => form.removeListItem('rows', index)}>
                {t.shell.remove}
              </Button>
            )}
          </Group>
        ))}
        <Refusal text={saving.refused} />
        {mayEdit && (
          <Group>
            <Button
              variant="default"
              onClick={() =>
                form.insertListItem('rows', { min_balance: '', rate: '1', price_factor: '1' })
              }
            >
              {t.add}
            </Button>
            <Button type="submit" loading={saving.isBusy}>
              {t.shell.save}
            </Button>
          </Group>
        )}
        <Text size="sm" c="dimmed">
          {t.rule}
        </Text>
      </Stack>
    </form>
  );
}
