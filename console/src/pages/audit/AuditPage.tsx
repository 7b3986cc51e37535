// What operators and management keys did, with what they sent, secrets left out.
import { Code, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Action, Listed } from '~/api/types';
import { asQuery, asQueryText, useFilters } from '~/app/filters';
import { useKeyset } from '~/app/rows';
import { useTexts } from '~/i18n';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { type Column, DataTable, EmptyRows } from '~/ui/DataTable';
import { FilterBar } from '~/ui/FilterBar';
import { PageFrame } from '~/ui/PageFrame';
import { Time } from '~/ui/Time';

const DEFAULTS = { actor: '', action: '' };

export default function AuditPage() {
  const texts = useTexts();
  const t = texts.audit;
  const [filters, setFilters] = useFilters(DEFAULTS);
  const [shown, setShown] = useState<Action | null>(null);
  const closeLabel = useCloseLabel();
  const data = useKeyset(['operator', 'audit', filters], (after) =>
    call<Listed<Action>>(api.GET('/api/operator/audit', { params: { query: { ...asQuery(filters), after } } })));
  const columns: Column<Action>[] = [
    { id: 'at', header: t.time, cell: (row) => <Time at={row.at} /> },
    { id: 'who', header: t.who, cell: (row) => row.actor_name || row.actor },
    { id: 'action', header: t.action, cell: (row) => <span className="y-mono">{row.action}</span> },
    { id: 'subject', header: t.subject, cell: (row) => <span className="y-mono">{row.subject || '—'}</span> },
    { id: 'reason', header: texts.shell.reason, cell: (row) => row.reason || '—' },
    { id: 'address', header: t.address, cell: (row) => row.address, isHidden: true },
    { id: 'request', header: texts.shell.requestId, cell: (row) => <span className="y-mono">{row.request_id}</span>, isHidden: true },
  ];
  const isFiltered = Object.values(filters).some((value) => value !== '');
  return (
    <PageFrame title={t.title} intro={t.intro}>
      <DataTable name="audit" label={t.title} columns={columns} data={data} rowId={(row) => String(row.seq)} onOpen={setShown}
        csv={`/api/operator/audit.csv${asQueryText(filters)}`} empty={<EmptyRows title={isFiltered ? texts.shell.noMatch : t.empty} />}
        toolbar={<FilterBar values={filters} defaults={DEFAULTS} onChange={setFilters} filters={[
          { name: 'actor', label: t.who, placeholder: t.whoHint },
          { name: 'action', label: t.action, placeholder: 'channels.change' },
        ]} />} />
      <Modal opened={shown !== null} onClose={() => setShown(null)} size="lg" title={shown?.action ?? ''} closeButtonProps={closeLabel}>
        {shown && (
          <Stack gap="xs">
            <Text><Time at={shown.at} /> · {shown.actor_name} · {shown.address}</Text>
            <Text className="y-mono" size="sm">{shown.request_id}</Text>
            <Code block className="y-mono" tabIndex={0}>{JSON.stringify(shown.details, null, 2)}</Code>
          </Stack>
        )}
      </Modal>
    </PageFrame>
  );
}
