// Gives the charge of a request back, once, with a reason.
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, call } from '~/api/client';
import { useWords } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { ConfirmDialog } from '~/ui/ConfirmDialog';
import { toastDone } from '~/ui/toast';
import { words } from './words';

export function RefundDialog(props: {
  request: { request_id: string; charge: number } | null;
  onClose: () => void;
}) {
  const t = useWords(words);
  const [reason, setReason] = useState(t.refund);
  const { request } = props;
  const refund = async () => {
    await call(
      api.POST('/api/operator/refunds', {
        body: { request_id: request?.request_id ?? '', reason },
      }),
    );
    toastDone(t.refunded);
  };
  return (
    <ConfirmDialog
      isOpen={request !== null}
      title={t.refundTitle}
      text={
        <>
          {t.refundText} <Amount micros={request?.charge ?? 0} show="both" />
        </>
      }
      action={t.refund}
      onConfirm={refund}
      onClose={props.onClose}
    >
      <TextInput
        label={t.shell.reason}
        value={reason}
        required
        data-autofocus
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </ConfirmDialog>
  );
}
