// Who operates the shop: people with roles, and keys for scripts.
import { Badge, Button, Group, NativeSelect, Stack, Text, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Listed, Operator } from '~/api/types';
import { rowsOf } from '~/data/rows';
import { useWords } from '~/i18n';
import { useMay } from '~/shell/may';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { FormModal, Modal } from '~/ui/dialogs';
import { PageFrame } from '~/ui/PageFrame';
import { ShowOnce } from '~/ui/ShowOnce';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastDone, toastRefused } from '~/ui/toast';
import { KeysPanel } from './KeysPanel';
import { words } from './words';

export default function PeoplePage() {
  const t = useWords(words);
  const isOwner = useMay('owner');
  return (
    <PageFrame title={t.title} intro={t.intro}>
      <Stack>
        <Operators />
        {isOwner && <KeysPanel />}
      </Stack>
    </PageFrame>
  );
}

function Operators() {
  const t = useWords(words);
  const roles = t.roles as Record<string, string>;
  const queries = useQueryClient();
  const isOwner = useMay('owner');
  const closeLabel = useCloseLabel();
  const [url, setUrl] = useState<string | null>(null);
  const [isInviting, setInviting] = useState(false);
  const [role, setRole] = useState('support');
  const query = useQuery({
    queryKey: ['operator', 'people'],
    queryFn: () => call<Listed<Operator>>(api.GET('/api/operator/operators')),
  });
  const attempt = async (action: () => Promise<unknown>) => {
    try {
      await action();
      await queries.invalidateQueries({ queryKey: ['operator', 'people'] });
    } catch (reason) {
      toastRefused(reason);
    }
  };
  const invite = () =>
    attempt(async () => {
      const asked = { body: { role: role as Operator['role'] } };
      setUrl((await call<{ url: string }>(api.POST('/api/operator/operators/invite', asked))).url);
      setInviting(false);
    });
  const change = (user: string, next: string) =>
    attempt(async () => {
      const asked = {
        params: { path: { user } },
        body: { role: (next || null) as Operator['role'] | null },
      };
      await call(api.PATCH('/api/operator/operators/{user}', asked));
      toastDone(t.changed);
    });
  const reset = (user: string) =>
    attempt(async () => {
      setUrl(
        (
          await call<{ url: string }>(
            api.POST('/api/operator/operators/{user}/reset', { params: { path: { user } } }),
          )
        ).url,
      );
    });
  const options = Object.entries(roles).map(([value, label]) => ({ value, label }));
  const columns: Column<Operator>[] = [
    { id: 'email', header: t.email, cell: (row) => row.email },
    {
      id: 'role',
      header: t.role,
      cell: (row) =>
        isOwner ? (
          <NativeSelect
            size="xs"
            aria-label={t.roleOf(row.email)}
            value={row.role}
            data={[...options, { value: '', label: t.noRole }]}
            onChange={(event) => void change(row.user_id, event.currentTarget.value)}
          />
        ) : (
          roles[row.role]
        ),
    },
    {
      id: 'totp',
      header: t.totp,
      cell: (row) => (
        <Badge color={row.has_totp ? 'green' : 'gray'} variant="light">
          {row.has_totp ? t.on : t.off}
        </Badge>
      ),
    },
    { id: 'seen', header: t.lastSeen, cell: (row) => <Time at={row.last_seen} show="ago" /> },
    {
      id: 'do',
      header: '',
      isRight: true,
      cell: (row) =>
        isOwner ? (
          <Button size="xs" variant="default" onClick={() => void reset(row.user_id)}>
            {t.reset}
          </Button>
        ) : null,
    },
  ];
  return (
    <>
      <DataTable
        isPlain
        name="operators"
        label={t.operators}
        columns={columns}
        data={rowsOf(query)}
        rowId={(row) => row.user_id}
        empty={<EmptyRows title={t.empty} />}
        toolbar={
          <Group gap="md">
            <Title order={2} size="h4">
              {t.operators}
            </Title>
            {isOwner && (
              <Button size="xs" variant="default" onClick={() => setInviting(true)}>
                {t.invite}
              </Button>
            )}
          </Group>
        }
      />
      <FormModal opened={isInviting} onClose={() => setInviting(false)} title={t.invite}>
        <Stack>
          <NativeSelect
            label={t.role}
            data={options}
            value={role}
            onChange={(event) => setRole(event.currentTarget.value)}
          />
          <Text size="sm" c="dimmed">
            {(t.roleHints as Record<string, string>)[role]}
          </Text>
          <Group justify="flex-end">
            <Button onClick={() => void invite()}>{t.invite}</Button>
          </Group>
        </Stack>
      </FormModal>
      <Modal
        opened={url !== null}
        onClose={() => setUrl(null)}
        title={t.link}
        closeButtonProps={closeLabel}
      >
        <ShowOnce secret={url ?? ''} label={t.link}>
          <Text size="sm">{t.linkText}</Text>
        </ShowOnce>
      </Modal>
    </>
  );
}
