// What the last act came to: a report, the seven equalities, or who was unlocked.
import { Alert, Badge, List, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useWords } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { Count } from '~/ui/Count';
import { Icon } from '~/ui/Icon';
import { Stat } from '~/ui/Stat';
import { type Column, DataTable } from '~/ui/table/DataTable';
import type { Checked, Outcome, Report } from './shapes';
import { words } from './words';

export function OutcomePanel({ outcome }: { outcome: Outcome }) {
  const t = useWords(words);
  const isGood = outcome.act !== 'check' || outcome.checked.ok;
  return (
    <section aria-label={t.state}>
      <Stack data-outcome={outcome.act}>
        <Alert
          role="status"
          color={isGood ? 'green' : 'red'}
          icon={<Icon name={isGood ? 'check' : 'warning'} />}
        >
          {isGood ? t.done[outcome.act] : t.notEqual}
          {outcome.act === 'open' &&
            ` · ${t.openedText(outcome.opened.opened, outcome.opened.left_suspended)}`}
        </Alert>
        {outcome.act === 'check' && <Equalities checked={outcome.checked} />}
        {(outcome.act === 'look' || outcome.act === 'take') && (
          <ReportParts report={outcome.report} />
        )}
      </Stack>
    </section>
  );
}

function ReportParts({ report }: { report: Report }) {
  const t = useWords(words);
  const counts = ['people', 'tokens', 'channels', 'models', 'groups', 'codes'] as const;
  return (
    <>
      <Title order={2} size="h4">
        {`${report.program} ${report.version}`.trim()} · {report.rate}
      </Title>
      <SimpleGrid cols={{ base: 2, sm: 4 }}>
        <Stat label={t.balance} value={<Amount micros={report.balance.micros} />} />
        {counts.map((name) => (
          <Stat key={name} label={t[name]} value={<Count value={report[name]} />} />
        ))}
      </SimpleGrid>
      {report.probes && report.probes.length > 0 && <Probes report={report} />}
      <Title order={3} size="h5">
        {t.notes}
      </Title>
      {report.notes.length === 0 ? (
        <Text c="dimmed">{t.noNotes}</Text>
      ) : (
        <Lines
          name="moving-notes"
          label={t.notes}
          heads={[t.subject, t.what]}
          rows={report.notes.map((note) => [note.subject, note.text])}
        />
      )}
      {report.notes_total > report.notes.length && (
        <Text size="sm" c="dimmed">
          {t.notesMore(report.notes.length, report.notes_total)}
        </Text>
      )}
    </>
  );
}

function Probes({ report }: { report: Report }) {
  const t = useWords(words);
  return (
    <>
      <Title order={3} size="h5">
        {t.probes}
      </Title>
      <Lines
        name="moving-probes"
        label={t.probes}
        heads={[t.shell.name, t.answer]}
        rows={(report.probes ?? []).map((probe) => [
          probe.name,
          [
            probe.status === null ? probe.error : String(probe.status),
            probe.missing?.length ? t.missing(probe.missing.join(', ')) : '',
          ]
            .filter(Boolean)
            .join(' · '),
        ])}
      />
    </>
  );
}

interface NumberedLine {
  id: string;
  subject: string;
  text: string;
}

function Lines(props: {
  name: string;
  label: string;
  heads: [string, string];
  rows: [string, string][];
}) {
  const rows = props.rows.map(([subject, text], row) => ({ id: String(row), subject, text }));
  const columns: Column<NumberedLine>[] = [
    { id: 'subject', header: props.heads[0], cell: (row) => row.subject },
    { id: 'text', header: props.heads[1], cell: (row) => row.text },
  ];
  return (
    <DataTable
      isPlain
      name={props.name}
      label={props.label}
      columns={columns}
      data={{ rows, isLoading: false, error: null, retry: () => undefined }}
      rowId={(row) => row.id}
      empty={null}
    />
  );
}

function Equalities({ checked }: { checked: Checked }) {
  const t = useWords(words);
  return (
    <List listStyleType="none" spacing="sm" aria-label={t.equality}>
      {checked.equalities.map((each) => (
        <List.Item key={each.name} data-equality={each.name}>
          <Text component="span" fw={600} mr="xs">
            {t.equalities[each.name] ?? each.name}
          </Text>
          <Badge color={each.ok ? 'green' : 'red'} variant="light" mr="xs">
            {each.ok ? t.equal : t.unequal}
          </Badge>
          <Text component="span" c="dimmed" size="sm">
            {each.detail}
          </Text>
          {each.faults.slice(0, 10).map((fault) => (
            <Text key={fault} size="sm" style={{ overflowWrap: 'anywhere' }}>
              {fault}
            </Text>
          ))}
          {each.faults_total > 10 && (
            <Text size="sm" c="dimmed">
              {t.faultsMore(each.faults_total - 10)}
            </Text>
          )}
        </List.Item>
      ))}
    </List>
  );
}
