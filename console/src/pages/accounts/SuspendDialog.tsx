// Refuse an account's new requests, or let them in again; with a reason.
import { TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { AccountDetail } from '~/api/types';
import { useTexts } from '~/i18n';
import { ConfirmDialog } from '~/ui/ConfirmDialog';
import { toastDone } from '~/ui/toast';

export function SuspendDialog(props: { account: AccountDetail; isOpen: boolean; onClose: () => void }) {
  const texts = useTexts();
  const t = texts.accounts;
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const { account } = props;
  const apply = async () => {
    const asked = { params: { path: { account: account.id } }, body: { reason } };
    await call(account.is_suspended
      ? api.POST('/api/operator/accounts/{account}/resume', asked)
      : api.POST('/api/operator/accounts/{account}/suspend', asked));
    await queries.invalidateQueries({ queryKey: ['operator'] });
    setReason('');
    toastDone(texts.shell.saved);
  };
  return (
    <ConfirmDialog isOpen={props.isOpen} onClose={props.onClose} onConfirm={apply} isDangerous={!account.is_suspended}
      title={account.is_suspended ? t.resume : t.suspend} action={account.is_suspended ? t.resume : t.suspend}
      text={account.is_suspended ? t.resumeText : t.suspendText}>
      <TextInput label={texts.shell.reason} value={reason} required onChange={(event) => setReason(event.currentTarget.value)} />
    </ConfirmDialog>
  );
}
