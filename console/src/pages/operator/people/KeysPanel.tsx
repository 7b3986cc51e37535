// Management keys: a script with one can do on /api what a person of its role can.
import { Badge, Button, Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Listed, ManagementKey } from '~/api/types';
import { useSubmit } from '~/data/form';
import { rowsOf } from '~/data/rows';
import { useWords } from '~/i18n';
import { ConfirmDialog } from '~/ui/ConfirmDialog';
import { FormModal } from '~/ui/dialogs';
import { Refusal } from '~/ui/Refusal';
import { keepOpen, ShowOnce } from '~/ui/ShowOnce';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastDone } from '~/ui/toast';
import { words } from './words';

const KEY = ['operator', 'management-keys'];

export function KeysPanel() {
  const t = useWords(words);
  const queries = useQueryClient();
  const [isMaking, setMaking] = useState(false);
  const [isMade, setMade] = useState(false);
  const [ending, setEnding] = useState<ManagementKey | null>(null);
  const query = useQuery({
    queryKey: KEY,
    queryFn: () => call<Listed<ManagementKey>>(api.GET('/api/operator/management-keys')),
  });
  const revoke = async () => {
    await call(
      api.DELETE('/api/operator/management-keys/{key}', {
        params: { path: { key: ending?.id ?? '' } },
      }),
    );
    await queries.invalidateQueries({ queryKey: KEY });
    toastDone(t.keyEnded);
  };
  const columns: Column<ManagementKey>[] = [
    {
      id: 'name',
      header: t.shell.name,
      cell: (row) => (
        <Group gap="xs">
          <Text fw={600}>{row.name}</Text>
          {row.revoked && (
            <Badge color="gray" variant="light">
              {t.ended}
            </Badge>
          )}
        </Group>
      ),
    },
    { id: 'hint', header: t.key, cell: (row) => <span className="y-mono">{row.hint}</span> },
    { id: 'role', header: t.role, cell: (row) => (t.roles as Record<string, string>)[row.role] },
    { id: 'ip', header: t.allowIp, cell: (row) => row.allow_ip?.join(', ') ?? t.anywhere },
    { id: 'expires', header: t.expires, cell: (row) => <Time at={row.expires} /> },
    { id: 'used', header: t.lastUsed, cell: (row) => <Time at={row.last_used} show="ago" /> },
    {
      id: 'do',
      header: '',
      isRight: true,
      cell: (row) =>
        row.revoked ? null : (
          <Button size="xs" variant="default" onClick={() => setEnding(row)}>
            {t.end}
          </Button>
        ),
    },
  ];
  return (
    <>
      <DataTable
        isPlain
        name="management-keys"
        label={t.keys}
        columns={columns}
        data={rowsOf(query)}
        rowId={(row) => row.id}
        empty={<EmptyRows title={t.noKeys} text={t.keysText} />}
        toolbar={
          <Group gap="md">
            <Title order={2} size="h4">
              {t.keys}
            </Title>
            <Button size="xs" variant="default" onClick={() => setMaking(true)}>
              {t.makeKey}
            </Button>
          </Group>
        }
      />
      <FormModal
        opened={isMaking}
        onClose={() => setMaking(false)}
        onExitTransitionEnd={() => setMade(false)}
        title={t.makeKey}
        {...keepOpen(isMade)}
      >
        <NewKey onMade={() => setMade(true)} />
      </FormModal>
      <ConfirmDialog
        isOpen={ending !== null}
        onClose={() => setEnding(null)}
        onConfirm={revoke}
        isDangerous
        title={t.end}
        action={t.end}
        text={t.endText(ending?.name ?? '')}
      />
    </>
  );
}

function NewKey({ onMade }: { onMade: () => void }) {
  const t = useWords(words);
  const queries = useQueryClient();
  const [key, setKey] = useState<string | null>(null);
  const form = useForm({
    initialValues: { name: '', role: 'readonly', allow_ip: '', expires: '' },
    validate: { name: (value) => (value.trim() === '' ? t.shell.required : null) },
  });
  const making = useSubmit(form, async (values) => {
    const networks = values.allow_ip.split(/[\s,]+/).filter((network) => network !== '');
    const body = {
      name: values.name.trim(),
      role: values.role as ManagementKey['role'],
      allow_ip: networks.length > 0 ? networks : null,
      expires: values.expires || null,
    };
    setKey((await call<{ key: string }>(api.POST('/api/operator/management-keys', { body }))).key);
    onMade();
    await queries.invalidateQueries({ queryKey: KEY });
  });
  if (key !== null)
    return (
      <ShowOnce secret={key} label={t.key}>
        <Text size="sm">{t.keyText}</Text>
      </ShowOnce>
    );
  return (
    <form onSubmit={form.onSubmit((values) => void making.submit(values))}>
      <Stack>
        <TextInput label={t.shell.name} data-autofocus {...form.getInputProps('name')} />
        <NativeSelect
          label={t.role}
          data={Object.entries(t.roles).map(([value, label]) => ({ value, label }))}
          {...form.getInputProps('role')}
        />
        <TextInput
          label={t.allowIp}
          description={t.allowIpHint}
          {...form.getInputProps('allow_ip')}
        />
        <TextInput type="date" label={t.expires} {...form.getInputProps('expires')} />
        <Refusal text={making.refused} />
        <Group justify="flex-end">
          <Button type="submit" loading={making.isBusy}>
            {t.makeKey}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
