// Passkeys: signing in without a password, with what unlocks the device.
import { Badge, Button, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Listed, Passkey } from '~/api/types';
import { useSubmit } from '~/data/form';
import { hasPasskeys, makePasskey } from '~/data/passkeys';
import { rowsOf } from '~/data/rows';
import { useWords } from '~/i18n';
import { useSite } from '~/shell/site';
import { ConfirmDialog, useCloseLabel } from '~/ui/ConfirmDialog';
import { Modal } from '~/ui/dialogs';
import { Refusal } from '~/ui/Refusal';
import { RowButton } from '~/ui/RowButton';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastDone } from '~/ui/toast';
import { deviceOf } from './SessionsPanel';
import { words } from './words';

const KEY = ['me', 'passkeys'];

export function PasskeysPanel() {
  const t = useWords(words);
  const queries = useQueryClient();
  const { has_passkeys: arePossible } = useSite();
  const mayAdd = arePossible && hasPasskeys();
  const [isAdding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Passkey | null>(null);
  const query = useQuery({
    queryKey: KEY,
    queryFn: () => call<Listed<Passkey>>(api.GET('/api/me/passkeys')),
  });
  const remove = async () => {
    const path = { passkey: removing?.id ?? '' };
    await call(api.DELETE('/api/me/passkeys/{passkey}', { params: { path } }));
    await queries.invalidateQueries({ queryKey: KEY });
    toastDone(t.passkeyRemoved);
  };
  const columns = usePasskeyColumns(setRemoving);
  const closeLabel = useCloseLabel();
  // Where there can be none, and never were any, there is nothing to say.
  if (!mayAdd && !query.data?.items.length) return null;
  return (
    <>
      <DataTable
        isPlain
        name="passkeys"
        label={t.passkeys}
        columns={columns}
        data={rowsOf(query)}
        rowId={(row) => row.id}
        empty={<EmptyRows title={t.passkeysEmpty} text={t.passkeysText} />}
        toolbar={
          <Group gap="md">
            <Title order={2} size="h4">
              {t.passkeys}
            </Title>
            {mayAdd && (
              <Button size="xs" variant="default" onClick={() => setAdding(true)}>
                {t.passkeyAdd}
              </Button>
            )}
          </Group>
        }
      />
      <Modal
        opened={isAdding}
        onClose={() => setAdding(false)}
        title={t.passkeyAdd}
        closeButtonProps={closeLabel}
      >
        <AddForm
          onDone={() => {
            setAdding(false);
            void queries.invalidateQueries({ queryKey: KEY });
          }}
        />
      </Modal>
      <ConfirmDialog
        isOpen={removing !== null}
        title={t.passkeyRemove}
        action={t.passkeyRemove}
        isDangerous
        text={t.passkeyRemoveText(removing?.name ?? '')}
        onClose={() => setRemoving(null)}
        onConfirm={remove}
      />
    </>
  );
}

function usePasskeyColumns(onRemove: (row: Passkey) => void): Column<Passkey>[] {
  const t = useWords(words);
  return [
    {
      id: 'name',
      header: t.shell.name,
      cell: (row) => (
        <Group gap="xs">
          {row.name}
          {!row.works_here && (
            <Badge color="red" variant="light">
              {t.passkeyElsewhere}
            </Badge>
          )}
          {row.is_synced && (
            <Badge color="gray" variant="light">
              {t.passkeySynced}
            </Badge>
          )}
        </Group>
      ),
    },
    { id: 'created', header: t.passkeyCreated, cell: (row) => <Time at={row.created} /> },
    { id: 'used', header: t.sessionSeen, cell: (row) => <Time at={row.last_used} show="ago" /> },
    {
      id: 'end',
      header: '',
      isRight: true,
      cell: (row) => (
        <RowButton label={t.passkeyRemove} of={row.name} onClick={() => onRemove(row)} />
      ),
    },
  ];
}

function AddForm({ onDone }: { onDone: () => void }) {
  const t = useWords(words);
  const form = useForm({
    initialValues: { name: deviceOf(navigator.userAgent) },
    validate: { name: (value) => (value.trim() === '' ? t.shell.required : null) },
  });
  const adding = useSubmit(form, async ({ name }) => {
    if ((await makePasskey(name.trim())) === null) return;
    toastDone(t.passkeyAdded);
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit((values) => void adding.submit(values))}>
      <Stack>
        <Text>{t.passkeyAddText}</Text>
        <TextInput
          label={t.shell.name}
          description={t.passkeyNameHint}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Refusal text={adding.refused} />
        <Group justify="flex-end">
          <Button type="submit" loading={adding.isBusy}>
            {t.passkeyAdd}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
