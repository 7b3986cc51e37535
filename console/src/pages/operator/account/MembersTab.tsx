// Who can sign in to the account, and a link for one more.
import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { AccountDetail } from '~/api/types';
import { useWords } from '~/i18n';
import { words } from '~/pages/operator/accounts/words';
import { useMay } from '~/shell/may';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { Modal } from '~/ui/dialogs';
import { ShowOnce } from '~/ui/ShowOnce';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastRefused } from '~/ui/toast';

type Member = AccountDetail['members'][number];

export function MembersTab({ account }: { account: AccountDetail }) {
  const t = useWords(words);
  const [url, setUrl] = useState<string | null>(null);
  const mayCare = useMay('owner', 'support');
  const invite = async () => {
    try {
      const params = { path: { account: account.id } };
      const made = await call<{ url: string }>(
        api.POST('/api/accounts/{account}/invite', { params, body: {} }),
      );
      setUrl(made.url);
    } catch (reason) {
      toastRefused(reason);
    }
  };
  const columns: Column<Member>[] = [
    { id: 'email', header: t.email, cell: (row) => row.email },
    { id: 'since', header: t.since, cell: (row) => <Time at={row.since} /> },
  ];
  return (
    <>
      <DataTable
        isPlain
        name="account-members"
        label={t.members}
        columns={columns}
        data={{
          rows: account.members,
          isLoading: false,
          error: null,
          retry: () => undefined,
        }}
        rowId={(row) => row.user_id}
        empty={<EmptyRows title={t.noMembers} />}
        toolbar={
          mayCare && (
            <Button variant="default" size="xs" onClick={() => void invite()}>
              {t.invite}
            </Button>
          )
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
    </>
  );
}
