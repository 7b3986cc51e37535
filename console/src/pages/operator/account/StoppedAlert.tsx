// Says at which models an account waits for an operator after shortfalls, and lets it go on.
import { Alert, Button, Group } from '@mantine/core';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { AccountDetail } from '~/api/types';
import { useWords } from '~/i18n';
import { words } from '~/pages/operator/accounts/words';
import { useMay } from '~/shell/may';
import { Icon } from '~/ui/Icon';
import { ReasonDialog } from './ReasonDialog';

export function StoppedAlert({ account }: { account: AccountDetail }) {
  const t = useWords(words);
  const mayCare = useMay('owner', 'support');
  const [isOpen, setOpen] = useState(false);
  const models = account.stopped_models;
  const release = (reason: string) =>
    call(
      api.POST('/api/operator/accounts/{account}/release', {
        params: { path: { account: account.id } },
        body: { reason },
      }),
    );
  return (
    <>
      {models.length > 0 && (
        <Alert color="red" icon={<Icon name="warning" />} title={t.stopped(models)}>
          <Group justify="space-between">
            <span>{t.stoppedText}</span>
            {mayCare && (
              <Button size="xs" onClick={() => setOpen(true)}>
                {t.release}
              </Button>
            )}
          </Group>
        </Alert>
      )}
      <ReasonDialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        action={t.release}
        text={t.releaseText}
        onReason={release}
      />
    </>
  );
}
