// The accounts that one belongs to, and opening a further one.
import { Button, Group, Stack, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Session } from '~/api/types';
import { useSubmit } from '~/data/form';
import { useWords } from '~/i18n';
import { useAccountId, useChooseAccount, useSession } from '~/shell/site';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { Modal } from '~/ui/dialogs';
import { Refusal } from '~/ui/Refusal';
import { RowButton } from '~/ui/RowButton';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastDone } from '~/ui/toast';
import { words } from './words';

type Choice = Session['accounts'][number];

export function AccountsPanel() {
  const t = useWords(words);
  const { accounts } = useSession();
  const here = useAccountId();
  const choose = useChooseAccount();
  const [isOpening, setOpening] = useState(false);
  const roles: Record<string, string> = t.roles;
  const columns: Column<Choice>[] = [
    { id: 'name', header: t.shell.name, cell: (row) => row.name },
    { id: 'role', header: t.role, cell: (row) => roles[row.role] ?? row.role },
    {
      id: 'choose',
      header: '',
      isRight: true,
      cell: (row) =>
        row.id === here ? (
          t.accountHere
        ) : (
          <RowButton label={t.accountChoose} of={row.name} onClick={() => choose(row.id)} />
        ),
    },
  ];
  return (
    <>
      <DataTable
        isPlain
        name="own-accounts"
        label={t.accounts}
        columns={columns}
        data={{ rows: accounts, isLoading: false, error: null, retry: () => undefined }}
        rowId={(row) => row.id}
        empty={<EmptyRows title={t.accountsEmpty} />}
        toolbar={
          <Group gap="md">
            <Title order={2} size="h4">
              {t.accounts}
            </Title>
            <Button size="xs" variant="default" onClick={() => setOpening(true)}>
              {t.accountOpen}
            </Button>
          </Group>
        }
      />
      <Modal
        opened={isOpening}
        onClose={() => setOpening(false)}
        title={t.accountOpen}
        closeButtonProps={useCloseLabel()}
      >
        <OpenForm onDone={() => setOpening(false)} />
      </Modal>
    </>
  );
}

function OpenForm({ onDone }: { onDone: () => void }) {
  const t = useWords(words);
  const queries = useQueryClient();
  const choose = useChooseAccount();
  const form = useForm({
    initialValues: { name: '' },
    validate: { name: (value) => (value.trim() === '' ? t.shell.required : null) },
  });
  const opening = useSubmit(form, async ({ name }) => {
    const made = await call<Choice>(api.POST('/api/me/accounts', { body: { name: name.trim() } }));
    choose(made.id);
    await queries.invalidateQueries({ queryKey: ['session'] });
    toastDone(t.accountOpened);
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit((values) => void opening.submit(values))}>
      <Stack>
        <TextInput
          label={t.shell.name}
          description={t.accountOpenText}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Refusal text={opening.refused} />
        <Group justify="flex-end">
          <Button type="submit" loading={opening.isBusy}>
            {t.accountOpen}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
