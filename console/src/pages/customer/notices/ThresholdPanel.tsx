// Below which balance the account is told; empty is a tenth of its last top-up.
import { Button, Group, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import { useSubmit } from '~/data/form';
import { microsOf, typed } from '~/format/format';
import { useWords } from '~/i18n';
import { useAccountId, useCurrency } from '~/shell/site';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { ErrorState, LoadingState } from '~/ui/States';
import { toastDone } from '~/ui/toast';
import { words } from './words';

const PATH = '/api/accounts/{account}/notices/threshold';

export function ThresholdPanel({ mayChange }: { mayChange: boolean }) {
  const t = useWords(words);
  const account = useAccountId();
  const query = useQuery({
    queryKey: ['account', account, 'notices', 'threshold'],
    queryFn: () =>
      call<{ low_balance: number | null }>(api.GET(PATH, { params: { path: { account } } })),
  });
  return (
    <Panel title={t.threshold}>
      {query.data ? <ThresholdForm now={query.data.low_balance} mayChange={mayChange} /> : null}
      {!query.data && query.isLoading ? <LoadingState rows={2} /> : null}
      {!query.data && query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : null}
    </Panel>
  );
}

function ThresholdForm({ now, mayChange }: { now: number | null; mayChange: boolean }) {
  const t = useWords(words);
  const account = useAccountId();
  const { symbol } = useCurrency();
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { low_balance: now === null ? '' : typed(now) },
    validate: {
      low_balance: (value) =>
        value.trim() === '' || microsOf(value) !== null ? null : t.shell.notAnAmount,
    },
  });
  const saving = useSubmit(form, async ({ low_balance: text }) => {
    const body = { low_balance: text.trim() === '' ? null : microsOf(text) };
    await call(api.PUT(PATH, { params: { path: { account } }, body }));
    await queries.invalidateQueries({ queryKey: ['account', account, 'notices', 'threshold'] });
    toastDone(t.shell.saved);
  });
  return (
    <form onSubmit={form.onSubmit((values) => void saving.submit(values))}>
      <Group align="flex-end">
        <TextInput
          style={{ flex: '1 1 16rem' }}
          label={`${t.thresholdLabel} (${symbol})`}
          description={t.thresholdHint}
          inputMode="decimal"
          readOnly={!mayChange}
          {...form.getInputProps('low_balance')}
        />
        {mayChange && (
          <Button type="submit" variant="default" loading={saving.isBusy}>
            {t.shell.save}
          </Button>
        )}
      </Group>
      <Refusal text={saving.refused} />
    </form>
  );
}
