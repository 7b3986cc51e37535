// Who may use the account, and inviting somebody by a one-time link.
import { Button, Group, Modal, Text, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Listed, Member } from '~/api/types';
import { rowsOf } from '~/app/rows';
import { useAccountId, useSession } from '~/app/site';
import { useTexts } from '~/i18n';
import { ConfirmDialog, useCloseLabel } from '~/ui/ConfirmDialog';
import { type Column, DataTable, EmptyRows } from '~/ui/DataTable';
import { ShowOnce } from '~/ui/ShowOnce';
import { Time } from '~/ui/Time';
import { toastDone, toastRefused } from '~/ui/toast';

export function MembersPanel() {
  const t = useTexts();
  const words = t.account;
  const account = useAccountId();
  const { user } = useSession();
  const queries = useQueryClient();
  const [url, setUrl] = useState<string | null>(null);
  const [leaving, setLeaving] = useState<Member | null>(null);
  const query = useQuery({
    queryKey: ['members', account],
    queryFn: () => call<Listed<Member>>(api.GET('/api/accounts/{account}/members', { params: { path: { account } } })),
  });
  const invite = async () => {
    try {
      const answer = await call<{ url: string }>(api.POST('/api/accounts/{account}/invite', { params: { path: { account } } }));
      setUrl(answer.url);
    } catch (reason) {
      toastRefused(reason);
    }
  };
  const remove = async (member: Member) => {
    const path = { account, user: member.user_id };
    await call(api.DELETE('/api/accounts/{account}/members/{user}', { params: { path } }));
    await queries.invalidateQueries({ queryKey: ['members', account] });
    toastDone(words.memberRemoved);
  };
  const columns: Column<Member>[] = [
    { id: 'email', header: t.auth.email, cell: (row) => row.email },
    { id: 'since', header: words.memberSince, cell: (row) => <Time at={row.since} /> },
    { id: 'remove', header: '', isRight: true, cell: (row) => row.user_id === user.id ? null : (
      <Button size="xs" variant="default" onClick={() => setLeaving(row)}>{words.memberRemove}</Button>
    ) },
  ];
  return (
    <>
      <DataTable isPlain name="members" label={words.members} columns={columns} data={rowsOf(query)} rowId={(row) => row.user_id}
        empty={<EmptyRows title={words.membersIntro} />}
        toolbar={
          <Group gap="md">
            <Title order={2} size="h4">{words.members}</Title>
            <Button size="xs" variant="default" onClick={() => void invite()}>{words.invite}</Button>
          </Group>
        } />
      <Modal opened={url !== null} onClose={() => setUrl(null)} title={words.invite} closeButtonProps={useCloseLabel()}>
        <ShowOnce secret={url ?? ''} label={words.invite}><Text size="sm">{words.inviteText}</Text></ShowOnce>
      </Modal>
      <ConfirmDialog isOpen={leaving !== null} title={words.memberRemove} action={words.memberRemove} isDangerous
        text={words.memberRemoveText(leaving?.email ?? '')} onClose={() => setLeaving(null)}
        onConfirm={async () => { if (leaving) await remove(leaving); }} />
    </>
  );
}
