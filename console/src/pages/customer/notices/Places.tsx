// The places where somebody is told: added, changed, tried, turned off, removed.
import { Alert, Badge, Button, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { NoticePlace, PlaceTried } from '~/api/types';
import { rowsOf } from '~/data/rows';
import { useWords } from '~/i18n';
import { ConfirmDialog, useCloseLabel } from '~/ui/ConfirmDialog';
import { Modal } from '~/ui/dialogs';
import { RowButton } from '~/ui/RowButton';
import { keepOpen, ShowOnce } from '~/ui/ShowOnce';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastDone, toastRefused } from '~/ui/toast';
import { ConfirmMailbox } from './ConfirmMailbox';
import { useChoices } from './choices';
import { PlaceForm } from './PlaceForm';
import type { NoticeSource } from './source';
import { words } from './words';

interface Outcome extends PlaceTried {
  name: string;
}

export function Places({ source }: { source: NoticeSource }) {
  const t = useWords(words);
  const queries = useQueryClient();
  const closeLabel = useCloseLabel();
  const [editing, setEditing] = useState<NoticePlace | 'new' | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const [confirming, setConfirming] = useState<NoticePlace | null>(null);
  const [removing, setRemoving] = useState<NoticePlace | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [busy, setBusy] = useState('');
  const query = useQuery({ queryKey: source.key, queryFn: source.list });
  const changed = () => queries.invalidateQueries({ queryKey: source.key });
  const act = async (row: NoticePlace, action: () => Promise<unknown>) => {
    setBusy(row.id);
    try {
      await action();
      await changed();
    } catch (reason) {
      toastRefused(reason);
    } finally {
      setBusy('');
    }
  };
  const test = (row: NoticePlace) =>
    act(row, async () => setOutcome({ ...(await source.test(row.id)), name: row.name }));
  const turn = (row: NoticePlace) =>
    act(row, () => source.change(row.id, { is_enabled: !row.is_enabled }));
  const columns = usePlaceColumns(
    source.mayChange ? { busy, test, turn, setEditing, setRemoving, setConfirming } : null,
  );
  const add = source.mayChange ? (
    <Button size="xs" onClick={() => setEditing('new')}>
      {t.add}
    </Button>
  ) : undefined;
  return (
    <>
      {outcome && <TestOutcome outcome={outcome} />}
      <DataTable
        isPlain
        name="notice-places"
        label={t.places}
        columns={columns}
        data={rowsOf(query)}
        rowId={(row) => row.id}
        empty={<EmptyRows title={t.empty} text={t.emptyText} />}
        toolbar={
          <Group gap="md">
            <Title order={2} size="h4">
              {t.places}
            </Title>
            {add}
          </Group>
        }
      />
      <Modal
        opened={editing !== null}
        onClose={() => setEditing(null)}
        title={editing === 'new' ? t.add : t.change}
        size="lg"
        closeButtonProps={closeLabel}
      >
        {editing !== null && (
          <PlaceForm
            source={source}
            place={editing === 'new' ? null : editing}
            onSecret={setSecret}
            onUnconfirmed={setConfirming}
            onDone={() => {
              setEditing(null);
              void changed();
            }}
          />
        )}
      </Modal>
      <Modal
        opened={secret !== null}
        onClose={() => setSecret(null)}
        title={t.secret}
        closeButtonProps={closeLabel}
        {...keepOpen(true)}
      >
        <ShowOnce secret={secret ?? ''} label={t.secret}>
          <Text size="sm">{t.secretText}</Text>
        </ShowOnce>
      </Modal>
      <Modal
        opened={confirming !== null}
        onClose={() => setConfirming(null)}
        title={t.confirm}
        closeButtonProps={closeLabel}
      >
        {confirming && (
          <ConfirmMailbox
            source={source}
            place={confirming}
            onDone={() => {
              setConfirming(null);
              void changed();
            }}
          />
        )}
      </Modal>
      <ConfirmDialog
        isOpen={removing !== null}
        title={t.remove}
        action={t.remove}
        isDangerous
        text={t.removeText(removing?.name ?? '')}
        onClose={() => setRemoving(null)}
        onConfirm={async () => {
          if (removing) await source.remove(removing.id);
          await changed();
          toastDone(t.removed);
        }}
      />
    </>
  );
}

interface Acts {
  busy: string;
  test: (row: NoticePlace) => Promise<void>;
  turn: (row: NoticePlace) => Promise<void>;
  setEditing: (row: NoticePlace) => void;
  setRemoving: (row: NoticePlace) => void;
  setConfirming: (row: NoticePlace) => void;
}

function usePlaceColumns(acts: Acts | null): Column<NoticePlace>[] {
  const t = useWords(words);
  const { kindTitle, eventTitle } = useChoices();
  const columns: Column<NoticePlace>[] = [
    {
      id: 'name',
      header: t.shell.name,
      cell: (row) => (
        <Group gap="xs">
          <Text fw={600}>{row.name}</Text>
          {!row.is_confirmed && (
            <Badge color="yellow" variant="light">
              {t.unconfirmed}
            </Badge>
          )}
          {!row.is_enabled && (
            <Badge color="gray" variant="light">
              {t.off}
            </Badge>
          )}
        </Group>
      ),
    },
    { id: 'kind', header: t.kind, cell: (row) => kindTitle(row.kind) },
    {
      id: 'where',
      header: t.where,
      cell: (row) => (
        <span className="y-mono" style={{ overflowWrap: 'anywhere' }}>
          {row.fields.url ?? row.fields.address ?? row.fields.chat_id ?? t.shell.none}
        </span>
      ),
    },
    {
      id: 'events',
      header: t.events,
      cell: (row) => (
        <span title={row.events.map(eventTitle).join(', ')}>{t.count(row.events.length)}</span>
      ),
    },
  ];
  if (acts === null) return columns;
  const cell = (row: NoticePlace) => (
    <Group gap="xs" justify="flex-end">
      {row.is_confirmed ? (
        <RowButton
          label={t.test}
          of={row.name}
          loading={acts.busy === row.id}
          onClick={() => void acts.test(row)}
        />
      ) : (
        <RowButton label={t.confirm} of={row.name} onClick={() => acts.setConfirming(row)} />
      )}
      <RowButton label={t.change} of={row.name} onClick={() => acts.setEditing(row)} />
      <RowButton
        label={row.is_enabled ? t.turnOff : t.turnOn}
        of={row.name}
        onClick={() => void acts.turn(row)}
      />
      <RowButton label={t.remove} of={row.name} onClick={() => acts.setRemoving(row)} />
    </Group>
  );
  return [...columns, { id: 'do', header: '', isRight: true, cell }];
}

function TestOutcome({ outcome }: { outcome: Outcome }) {
  const t = useWords(words);
  return (
    <Alert
      role="status"
      color={outcome.ok ? 'green' : 'red'}
      title={outcome.ok ? t.testOk(outcome.name) : t.testFailed(outcome.name)}
    >
      <Stack gap={4}>
        <Text size="sm">{outcome.ok ? t.testOkText : outcome.reason}</Text>
      </Stack>
    </Alert>
  );
}
