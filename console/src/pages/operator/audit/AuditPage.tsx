// What operators and management keys did, with what they sent, secrets left out.
import { Code, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Action, Listed } from '~/api/types';
import { asQuery, asQueryText, useFilters } from '~/data/filters';
import { useKeyset } from '~/data/rows';
import { useSpeaking, useWords } from '~/i18n';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { Modal } from '~/ui/dialogs';
import { FilterBar } from '~/ui/FilterBar';
import { PageFrame } from '~/ui/PageFrame';
import { RouterLink } from '~/ui/RouterLink';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { Changes } from './Changes';
import { DEEDS, deedOf } from './sentences';
import { words } from './words';

const DEFAULTS = { actor: '', action: '' };

export default function AuditPage() {
  const t = useWords(words);
  const [filters, setFilters] = useFilters(DEFAULTS);
  const [shown, setShown] = useState<Action | null>(null);
  const closeLabel = useCloseLabel();
  const { language } = useSpeaking();
  const data = useKeyset(['operator', 'audit', filters], (after) =>
    call<Listed<Action>>(
      api.GET('/api/operator/audit', { params: { query: { ...asQuery(filters), after } } }),
    ),
  );
  const columns: Column<Action>[] = [
    { id: 'at', header: t.time, cell: (row) => <Time at={row.at} show="short" /> },
    { id: 'who', header: t.who, cell: (row) => row.actor_name || row.actor },
    {
      id: 'action',
      header: t.action,
      cell: (row) => (
        <>
          {deedOf(row.action)?.[language] ?? <span className="y-mono">{row.action}</span>}{' '}
          {row.subject && <Subject action={row} />}
          <Changes action={row} most={2} />
        </>
      ),
    },
    { id: 'reason', header: t.shell.reason, cell: (row) => row.reason || '—' },
    { id: 'address', header: t.address, cell: (row) => row.address, isHidden: true },
    {
      id: 'request',
      header: t.shell.requestId,
      cell: (row) => <span className="y-mono">{row.request_id}</span>,
      isHidden: true,
    },
  ];
  const actions = [
    { value: '', label: t.allActions },
    ...DEEDS.map((each) => ({ value: each.names.join(','), label: each[language] })),
  ];
  const isFiltered = Object.values(filters).some((value) => value !== '');
  return (
    <PageFrame title={t.title} intro={t.intro}>
      <DataTable
        name="audit"
        label={t.title}
        columns={columns}
        data={data}
        rowId={(row) => String(row.seq)}
        onOpen={setShown}
        csv={`/api/operator/audit.csv${asQueryText(filters)}`}
        empty={<EmptyRows title={isFiltered ? t.shell.noMatch : t.empty} />}
        toolbar={
          <FilterBar
            values={filters}
            defaults={DEFAULTS}
            onChange={setFilters}
            filters={[
              { name: 'actor', label: t.who, placeholder: t.whoHint },
              { name: 'action', label: t.action, options: actions },
            ]}
          />
        }
      />
      <Modal
        opened={shown !== null}
        onClose={() => setShown(null)}
        size="lg"
        title={shown ? (deedOf(shown.action)?.[language] ?? shown.action) : ''}
        closeButtonProps={closeLabel}
      >
        {shown && (
          <Stack gap="xs">
            <Text>
              <Time at={shown.at} /> · {shown.actor_name} · {shown.address}
            </Text>
            <Text className="y-mono" size="sm">
              {shown.request_id}
            </Text>
            <Changes action={shown} />
            <Code block className="y-mono" tabIndex={0}>
              {JSON.stringify(shown.details, null, 2)}
            </Code>
          </Stack>
        )}
      </Modal>
    </PageFrame>
  );
}

/** What it was about, as a link where it has a page. */
function Subject({ action }: { action: Action }) {
  const { subject } = action;
  const name = action.subject_name ?? subject;
  if (subject.startsWith('acct_'))
    return (
      <RouterLink to="/operator/accounts/$account" params={{ account: subject } as never}>
        {name}
      </RouterLink>
    );
  if (subject.startsWith('ex_'))
    return (
      <RouterLink to="/operator/requests" search={{ request: subject } as never}>
        {name}
      </RouterLink>
    );
  if (subject.startsWith('ch_'))
    return (
      <RouterLink to="/operator/channels" search={{ search: name } as never}>
        {name}
      </RouterLink>
    );
  return <span className="y-mono">{name}</span>;
}
