// What the operator sets here, and what the process was told; each says from where.
import { Badge, Button, Code, Group, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { Listed, Setting } from '~/api/types';
import { useSubmit } from '~/data/form';
import { rowsOf } from '~/data/rows';
import { useWords } from '~/i18n';
import { useMay } from '~/shell/may';
import { useSession } from '~/shell/site';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { ErrorState, LoadingState } from '~/ui/States';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastDone } from '~/ui/toast';
import { SettingsForm } from './SettingsForm';
import { words } from './words';

const KEY = ['operator', 'settings'];

export default function SettingsPage() {
  const t = useWords(words);
  const query = useQuery({
    queryKey: KEY,
    queryFn: () => call<Listed<Setting>>(api.GET('/api/operator/settings')),
  });
  const items = query.data?.items ?? [];
  const mayTest = useMay('owner');
  return (
    <PageFrame title={t.title} intro={t.intro}>
      {query.data ? (
        <SettingsForm
          key={items.map(({ name, value }) => `${name} ${String(value)}`).join()}
          settings={items.filter((item) => item.is_editable)}
        />
      ) : (
        <Panel>
          {query.error ? (
            <ErrorState error={query.error} onRetry={() => void query.refetch()} />
          ) : (
            <LoadingState />
          )}
        </Panel>
      )}
      {mayTest && <MailTest />}
      <Process
        rows={{ ...rowsOf(query), rows: query.data && items.filter((item) => !item.is_editable) }}
      />
    </PageFrame>
  );
}

/** Whether the mail server takes mail, and what it says if not. */
function MailTest() {
  const t = useWords(words);
  const { user } = useSession();
  const form = useForm({ initialValues: { to: user.email } });
  const testing = useSubmit(form, async (body) => {
    await call(api.POST('/api/operator/mail/test', { body }));
    toastDone(t.testMailSent);
  });
  return (
    <Panel title={t.mail}>
      <form onSubmit={form.onSubmit((values) => void testing.submit(values))}>
        <Group align="flex-end">
          <TextInput
            style={{ flex: '1 1 16rem' }}
            label={t.testMailTo}
            type="email"
            {...form.getInputProps('to')}
          />
          <Button type="submit" variant="default" loading={testing.isBusy}>
            {t.testMail}
          </Button>
        </Group>
        <Refusal text={testing.refused} />
      </form>
    </Panel>
  );
}

function Process({ rows }: { rows: ReturnType<typeof rowsOf<Setting>> }) {
  const t = useWords(words);
  const columns: Column<Setting>[] = [
    { id: 'name', header: t.name, cell: (row) => <span className="y-mono">{row.name}</span> },
    {
      id: 'value',
      header: t.value,
      cell: (row) => (
        <span className="y-mono">
          {row.value === null || row.value === '' ? '—' : String(row.value)}
        </span>
      ),
    },
    {
      id: 'source',
      header: t.source,
      cell: (row) => (
        <Badge variant="light" color={row.source === 'default' ? 'gray' : 'blue'}>
          {t.sources[row.source]}
        </Badge>
      ),
    },
    { id: 'text', header: t.meaning, cell: (row) => <Text size="sm">{withCode(row.text)}</Text> },
  ];
  return (
    <Panel title={t.process} isFlush>
      <DataTable
        isPlain
        name="process-settings"
        label={t.process}
        columns={columns}
        data={rows}
        rowId={(row) => row.name}
        empty={<EmptyRows title={t.none} />}
        toolbar={
          <Text size="sm" c="dimmed">
            {t.processText}
          </Text>
        }
      />
    </Panel>
  );
}

/** What stands between `backticks` is for a machine. */
function withCode(text: string) {
  return text.split('`').map((piece, at) => (at % 2 === 1 ? <Code key={at}>{piece}</Code> : piece));
}
