// Asks for a reason before something is done to an account; the reason is in the audit log.
import { TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '~/i18n';
import { ConfirmDialog, type ConfirmDialogProps } from '~/ui/ConfirmDialog';
import { toastDone } from '~/ui/toast';

type Shown = Pick<ConfirmDialogProps, 'isOpen' | 'onClose' | 'isDangerous' | 'text'>;

export function ReasonDialog(
  props: Shown & { action: string; onReason: (reason: string) => Promise<unknown> },
) {
  const t = useTexts();
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const apply = async () => {
    await props.onReason(reason);
    await queries.invalidateQueries({ queryKey: ['operator'] });
    setReason('');
    toastDone(t.shell.saved);
  };
  return (
    <ConfirmDialog
      isOpen={props.isOpen}
      onClose={props.onClose}
      onConfirm={apply}
      isDangerous={props.isDangerous}
      title={props.action}
      action={props.action}
      text={props.text}
    >
      <TextInput
        label={t.shell.reason}
        value={reason}
        required
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </ConfirmDialog>
  );
}
