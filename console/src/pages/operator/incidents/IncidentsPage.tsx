// Incidents that customers read on the status page: written, told more of, ended.
import { Anchor, Badge, Button, Group, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Incident, Listed } from '~/api/types';
import { rowsOf } from '~/data/rows';
import { useWords } from '~/i18n';
import { useMay } from '~/shell/may';
import { useSite } from '~/shell/site';
import { ConfirmDialog } from '~/ui/ConfirmDialog';
import { FormModal } from '~/ui/dialogs';
import { PageFrame } from '~/ui/PageFrame';
import { RowMenu } from '~/ui/RowMenu';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastDone } from '~/ui/toast';
import { IncidentForm } from './IncidentForm';
import { words } from './words';

const KEY = ['operator', 'incidents'];

export default function IncidentsPage() {
  const t = useWords(words);
  const queries = useQueryClient();
  const mayWrite = useMay('owner', 'support');
  const hasPage = useSite().has_status_page;
  const [isWriting, setWriting] = useState(false);
  const [updating, setUpdating] = useState<Incident | null>(null);
  const [removing, setRemoving] = useState<Incident | null>(null);
  const query = useQuery({
    queryKey: KEY,
    queryFn: () => call<Listed<Incident>>(api.GET('/api/operator/incidents')),
  });
  const done = (said: string) => {
    setWriting(false);
    setUpdating(null);
    toastDone(said);
    void queries.invalidateQueries({ queryKey: KEY });
  };
  const remove = async () => {
    const params = { path: { incident: removing?.id ?? '' } };
    await call(api.DELETE('/api/operator/incidents/{incident}', { params }));
    await queries.invalidateQueries({ queryKey: KEY });
    toastDone(t.removed);
  };
  const columns: Column<Incident>[] = [
    { id: 'title', header: t.subject, cell: (row) => <Text fw={600}>{row.title}</Text> },
    { id: 'state', header: t.state, cell: (row) => <State incident={row} /> },
    { id: 'models', header: t.models, cell: (row) => row.models.join(', ') || '–' },
    { id: 'latest', header: t.latest, cell: (row) => <Latest incident={row} /> },
    { id: 'began', header: t.began, cell: (row) => <Time at={row.began} /> },
    { id: 'resolved', header: t.resolvedAt, cell: (row) => <Time at={row.resolved} /> },
    {
      id: 'do',
      header: '',
      isRight: true,
      cell: (row) =>
        mayWrite ? (
          <Group gap="xs" justify="flex-end" wrap="nowrap">
            <Button
              size="xs"
              variant="default"
              aria-label={`${t.update}: ${row.title}`}
              onClick={() => setUpdating(row)}
            >
              {t.update}
            </Button>
            <RowMenu
              label={`${t.shell.more}: ${row.title}`}
              parts={[{ entries: [{ label: t.remove, run: () => setRemoving(row) }] }]}
            />
          </Group>
        ) : null,
    },
  ];
  const actions = (
    <>
      {hasPage && (
        <Anchor href="/status" target="_blank" rel="noreferrer" style={{ alignSelf: 'center' }}>
          {t.statusPage}
        </Anchor>
      )}
      {mayWrite && <Button onClick={() => setWriting(true)}>{t.write}</Button>}
    </>
  );
  return (
    <PageFrame title={t.title} intro={hasPage ? t.intro : t.introOff} actions={actions}>
      <DataTable
        isPlain
        name="incidents"
        label={t.title}
        columns={columns}
        data={rowsOf(query)}
        rowId={(row) => row.id}
        empty={<EmptyRows title={t.empty} text={t.emptyText} />}
      />
      <FormModal opened={isWriting} onClose={() => setWriting(false)} title={t.write}>
        <IncidentForm incident={null} onDone={() => done(t.written)} />
      </FormModal>
      <FormModal
        opened={updating !== null}
        onClose={() => setUpdating(null)}
        title={updating?.title}
      >
        <IncidentForm incident={updating} onDone={() => done(t.updated)} />
      </FormModal>
      <ConfirmDialog
        isOpen={removing !== null}
        onClose={() => setRemoving(null)}
        onConfirm={remove}
        isDangerous
        title={t.remove}
        action={t.remove}
        text={t.removeText(removing?.title ?? '')}
      />
    </PageFrame>
  );
}

function State({ incident }: { incident: Incident }) {
  const t = useWords(words);
  const said = (t.states as Record<string, string | undefined>)[incident.state] ?? incident.state;
  return (
    <Badge color={incident.resolved === null ? 'orange' : 'gray'} variant="light">
      {said}
    </Badge>
  );
}

function Latest({ incident }: { incident: Incident }) {
  const told = incident.updates.find((update) => update.text !== '');
  if (told === undefined) return '–';
  return (
    <Text size="sm" lineClamp={2} maw={320}>
      {told.text}
    </Text>
  );
}
