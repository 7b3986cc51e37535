// Refuse an account's new requests, or let them in again.
import { Button } from '@mantine/core';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { AccountDetail } from '~/api/types';
import { useWords } from '~/i18n';
import { words } from '~/pages/operator/accounts/words';
import { ReasonDialog } from './ReasonDialog';

export function SuspendButton({ account }: { account: AccountDetail }) {
  const t = useWords(words);
  const [isOpen, setOpen] = useState(false);
  const { is_suspended } = account;
  const action = is_suspended ? t.resume : t.suspend;
  const suspend = (reason: string) => {
    const asked = { params: { path: { account: account.id } }, body: { reason } };
    return call(
      is_suspended
        ? api.POST('/api/operator/accounts/{account}/resume', asked)
        : api.POST('/api/operator/accounts/{account}/suspend', asked),
    );
  };
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        {action}
      </Button>
      <ReasonDialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        isDangerous={!is_suspended}
        action={action}
        text={is_suspended ? t.resumeText : t.suspendText}
        onReason={suspend}
      />
    </>
  );
}
