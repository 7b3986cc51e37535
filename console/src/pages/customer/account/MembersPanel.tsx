// Who may use the account, and inviting somebody by a one-time link.
import { Button, Group, NativeSelect, Text, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Listed, Member } from '~/api/types';
import { rowsOf } from '~/data/rows';
import { useWords } from '~/i18n';
import { auth } from '~/i18n/auth';
import { useAccountId, useSession } from '~/shell/site';
import { ConfirmDialog, useCloseLabel } from '~/ui/ConfirmDialog';
import { Modal } from '~/ui/dialogs';
import { ShowOnce } from '~/ui/ShowOnce';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastDone, toastRefused } from '~/ui/toast';
import { words } from './words';

export function MembersPanel() {
  const t = useWords(words);
  const authTexts = useWords(auth);
  const account = useAccountId();
  const { user, accounts } = useSession();
  const queries = useQueryClient();
  const [url, setUrl] = useState<string | null>(null);
  const [leaving, setLeaving] = useState<Member | null>(null);
  const query = useQuery({
    queryKey: ['members', account],
    queryFn: () =>
      call<Listed<Member>>(
        api.GET('/api/accounts/{account}/members', { params: { path: { account } } }),
      ),
  });
  // An operator who is no member of it looks after the account.
  const isOwner = (accounts.find((each) => each.id === account)?.role ?? 'owner') === 'owner';
  const [role, setRole] = useState<Member['role']>('developer');
  const roles = Object.entries(t.roles).map(([value, label]) => ({ value, label }));
  const change = async (member: Member, wanted: Member['role']) => {
    try {
      const path = { account, user: member.user_id };
      await call(
        api.PATCH('/api/accounts/{account}/members/{user}', {
          params: { path },
          body: { role: wanted },
        }),
      );
      toastDone(t.roleChanged);
    } catch (reason) {
      toastRefused(reason);
    }
    await queries.invalidateQueries({ queryKey: ['members', account] });
  };
  const invite = async () => {
    try {
      const answer = await call<{ url: string }>(
        api.POST('/api/accounts/{account}/invite', {
          params: { path: { account } },
          body: { role },
        }),
      );
      setUrl(answer.url);
    } catch (reason) {
      toastRefused(reason);
    }
  };
  const remove = async (member: Member) => {
    const path = { account, user: member.user_id };
    await call(
      api.DELETE('/api/accounts/{account}/members/{user}', { params: { path }, body: {} }),
    );
    await queries.invalidateQueries({ queryKey: ['members', account] });
    toastDone(t.memberRemoved);
  };
  const columns: Column<Member>[] = [
    { id: 'email', header: authTexts.email, cell: (row) => row.email },
    {
      id: 'role',
      header: t.role,
      cell: (row) =>
        isOwner ? (
          <NativeSelect
            size="xs"
            aria-label={`${t.role}: ${row.email}`}
            data={roles}
            value={row.role}
            onChange={(event) => void change(row, event.currentTarget.value as Member['role'])}
          />
        ) : (
          t.roles[row.role]
        ),
    },
    { id: 'since', header: t.memberSince, cell: (row) => <Time at={row.since} /> },
    {
      id: 'remove',
      header: '',
      isRight: true,
      cell: (row) =>
        row.user_id === user.id || !isOwner ? null : (
          <Button size="xs" variant="default" onClick={() => setLeaving(row)}>
            {t.memberRemove}
          </Button>
        ),
    },
  ];
  return (
    <>
      <DataTable
        isPlain
        name="members"
        label={t.members}
        columns={columns}
        data={rowsOf(query)}
        rowId={(row) => row.user_id}
        empty={<EmptyRows title={t.membersIntro} />}
        toolbar={
          <Group gap="md">
            <Title order={2} size="h4">
              {t.members}
            </Title>
            {isOwner && (
              <>
                <NativeSelect
                  size="xs"
                  aria-label={t.inviteAs}
                  data={roles}
                  value={role}
                  onChange={(event) => setRole(event.currentTarget.value as Member['role'])}
                />
                <Button size="xs" variant="default" onClick={() => void invite()}>
                  {t.invite}
                </Button>
              </>
            )}
          </Group>
        }
      />
      <Modal
        opened={url !== null}
        onClose={() => setUrl(null)}
        title={t.invite}
        closeButtonProps={useCloseLabel()}
      >
        <ShowOnce secret={url ?? ''} label={t.invite}>
          <Text size="sm">{t.inviteText}</Text>
        </ShowOnce>
      </Modal>
      <ConfirmDialog
        isOpen={leaving !== null}
        title={t.memberRemove}
        action={t.memberRemove}
        isDangerous
        text={t.memberRemoveText(leaving?.email ?? '')}
        onClose={() => setLeaving(null)}
        onConfirm={async () => {
          if (leaving) await remove(leaving);
        }}
      />
    </>
  );
}
