// What the operator sets here, and what the process was told; each says from where.
import { Badge, Button, Code, Group, NativeSelect, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { Listed, Setting } from '~/api/types';
import { useSubmit } from '~/app/form';
import { microsOf, typed } from '~/app/format';
import { useMay } from '~/app/may';
import { rowsOf } from '~/app/rows';
import { useCurrency } from '~/app/site';
import { useTexts } from '~/i18n';
import { type Column, DataTable, EmptyRows } from '~/ui/DataTable';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { ErrorState, LoadingState } from '~/ui/States';
import { toastDone } from '~/ui/toast';

const KEY = ['operator', 'settings'];
const AMOUNTS = ['sign_up_grant', 'low_balance'];

export default function SettingsPage() {
  const t = useTexts().settings;
  const query = useQuery({ queryKey: KEY, queryFn: () => call<Listed<Setting>>(api.GET('/api/operator/settings')) });
  const items = query.data?.items ?? [];
  return (
    <PageFrame title={t.title} intro={t.intro}>
      <Panel title={t.site}>
        {query.data ? <Stack>{items.filter((item) => item.is_editable).map((item) => <Field key={`${item.name} ${String(item.value)}`} setting={item} />)}</Stack> : null}
        {!query.data && query.isLoading ? <LoadingState /> : null}
        {!query.data && query.error ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
      </Panel>
      <Process rows={{ ...rowsOf(query), rows: query.data && items.filter((item) => !item.is_editable) }} />
    </PageFrame>
  );
}

function Field({ setting }: { setting: Setting }) {
  const texts = useTexts();
  const t = texts.settings;
  const names = t.names as Record<string, { label: string; hint: string } | undefined>;
  const { symbol } = useCurrency();
  const queries = useQueryClient();
  const mayEdit = useMay('owner');
  const isAmount = AMOUNTS.includes(setting.name);
  const shown = isAmount ? typed(Number(setting.value)) : String(setting.value ?? '');
  const form = useForm({
    initialValues: { value: shown },
    validate: { value: (value) => (isAmount && microsOf(value) === null ? texts.shell.notAnAmount : null) },
  });
  const put = async (value: string | number | null) => {
    await call(api.PUT('/api/operator/settings/{setting}', { params: { path: { setting: setting.name } }, body: { value } }));
    await Promise.all([queries.invalidateQueries({ queryKey: KEY }), queries.invalidateQueries({ queryKey: ['site'] })]);
    toastDone(texts.shell.saved);
  };
  const saving = useSubmit(form, ({ value }) => put(isAmount ? microsOf(value) : value));
  const clearing = useSubmit(form, () => put(null));
  const words = names[setting.name] ?? { label: setting.name, hint: '' };
  const common = {
    label: isAmount ? `${words.label} (${symbol})` : words.label,
    description: words.hint || undefined,
    readOnly: !mayEdit,
    ...form.getInputProps('value'),
  };
  return (
    <form onSubmit={form.onSubmit((values) => void saving.submit(values))} data-setting={setting.name}>
      <Group align="flex-end">
        <div style={{ flex: '1 1 16rem', minWidth: 0 }}>
          {setting.name === 'sign_up' ? <NativeSelect {...common} disabled={!mayEdit} data={Object.entries(t.signUps).map(([value, label]) => ({ value, label }))} /> : null}
          {setting.name === 'notice' ? <Textarea autosize minRows={2} {...common} /> : null}
          {setting.name !== 'sign_up' && setting.name !== 'notice' ? <TextInput inputMode={isAmount ? 'decimal' : undefined} {...common} /> : null}
        </div>
        {mayEdit && <Button type="submit" variant="default" loading={saving.isBusy} aria-label={`${texts.shell.save}: ${words.label}`}>{texts.shell.save}</Button>}
        {mayEdit && setting.source === 'console' && (
          <Button variant="subtle" onClick={() => void clearing.submit(form.values)} aria-label={`${t.toDefault}: ${words.label}`}>{t.toDefault}</Button>
        )}
      </Group>
      <Refusal text={saving.refused ?? clearing.refused} />
    </form>
  );
}

function Process({ rows }: { rows: ReturnType<typeof rowsOf<Setting>> }) {
  const t = useTexts().settings;
  const columns: Column<Setting>[] = [
    { id: 'name', header: t.name, cell: (row) => <span className="y-mono">{row.name}</span> },
    { id: 'value', header: t.value, cell: (row) => <span className="y-mono">{row.value === null || row.value === '' ? '—' : String(row.value)}</span> },
    { id: 'source', header: t.source, cell: (row) => <Badge variant="light" color={row.source === 'default' ? 'gray' : 'blue'}>{t.sources[row.source]}</Badge> },
    { id: 'text', header: t.meaning, cell: (row) => <Text size="sm">{withCode(row.text)}</Text> },
  ];
  return (
    <Panel title={t.process} isFlush>
      <DataTable isPlain name="process-settings" label={t.process} columns={columns} data={rows} rowId={(row) => row.name}
        empty={<EmptyRows title={t.none} />} toolbar={<Text size="sm" c="dimmed">{t.processText}</Text>} />
    </Panel>
  );
}

/** What stands between `backticks` is for a machine. */
function withCode(text: string) {
  return text.split('`').map((piece, at) => (at % 2 === 1 ? <Code key={at}>{piece}</Code> : piece));
}
