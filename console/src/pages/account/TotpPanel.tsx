// One-time codes: turned on in two steps (password, then a code that proves the secret was
// taken), with recovery codes that are shown once; turned off with password and code.
import { Anchor, Badge, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import { useSubmit } from '~/app/form';
import { useSession } from '~/app/site';
import { useTexts } from '~/i18n';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { SecretField } from '~/ui/SecretField';
import { keepOpen, ShowOnce } from '~/ui/ShowOnce';
import { toastDone } from '~/ui/toast';

type Step = 'closed' | 'start' | 'remove';

export function TotpPanel() {
  const t = useTexts();
  const { user } = useSession();
  const [step, setStep] = useState<Step>('closed');
  const [isMade, setMade] = useState(false);
  const close = () => setStep('closed');
  return (
    <Panel title={t.account.totp} actions={<Badge color={user.has_totp ? 'green' : 'gray'} variant="light">{user.has_totp ? t.account.totpOn : t.account.totpOff}</Badge>}>
      <Group justify="space-between">
        <Text c="dimmed">{t.account.totpIntro}</Text>
        {user.has_totp ? (
          <Button variant="default" onClick={() => setStep('remove')}>{t.account.totpRemove}</Button>
        ) : (
          <Button variant="default" onClick={() => setStep('start')}>{t.account.totpStart}</Button>
        )}
      </Group>
      <Modal opened={step !== 'closed'} onClose={close} onExitTransitionEnd={() => setMade(false)} title={t.account.totp}
        closeButtonProps={useCloseLabel()} {...keepOpen(isMade)}>
        {step === 'start' && <TurnOn onDone={close} onMade={() => setMade(true)} />}
        {step === 'remove' && <TurnOff onDone={close} />}
      </Modal>
    </Panel>
  );
}

function useSessionChanged() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ['session'] });
}

function TurnOn({ onDone, onMade }: { onDone: () => void; onMade: () => void }) {
  const t = useTexts();
  const changed = useSessionChanged();
  const [offered, setOffered] = useState<{ secret: string; uri: string } | null>(null);
  const [recovery, setRecovery] = useState<string[] | null>(null);
  const form = useForm({ initialValues: { password: '', code: '' } });
  const going = useSubmit(form, async ({ password, code }) => {
    if (offered === null) {
      setOffered(await call<{ secret: string; uri: string }>(api.POST('/api/me/totp', { body: { password } })));
      return;
    }
    const answer = await call<{ recovery_codes: string[] }>(api.POST('/api/me/totp/confirm', { body: { code: code.trim() } }));
    setRecovery(answer.recovery_codes);
    onMade();
    await changed();
  });
  if (recovery) {
    return (
      <ShowOnce secret={recovery.join('\n')} label={t.account.recovery}>
        <Text size="sm" c="dimmed">{t.account.recoveryText}</Text>
        <Group justify="flex-end"><Button onClick={onDone}>{t.shell.done}</Button></Group>
      </ShowOnce>
    );
  }
  return (
    <form onSubmit={form.onSubmit((values) => void going.submit(values))}>
      <Stack>
        {offered === null ? (
          <SecretField label={t.account.oldPassword} autoComplete="current-password" data-autofocus {...form.getInputProps('password')} />
        ) : (
          <>
            <Text>{t.account.totpScan}</Text>
            <ShowOnce secret={offered.secret} label={t.account.totpSecret} />
            <Anchor href={offered.uri}>{t.account.totpOpen}</Anchor>
            <TextInput label={t.account.totpCode} inputMode="numeric" autoComplete="one-time-code" {...form.getInputProps('code')} />
          </>
        )}
        <Refusal text={going.refused} />
        <Group justify="flex-end"><Button type="submit" loading={going.isBusy}>{offered ? t.account.totpConfirm : t.account.totpStart}</Button></Group>
      </Stack>
    </form>
  );
}

function TurnOff({ onDone }: { onDone: () => void }) {
  const t = useTexts();
  const changed = useSessionChanged();
  const form = useForm({ initialValues: { password: '', code: '' } });
  const going = useSubmit(form, async ({ password, code }) => {
    await call(api.POST('/api/me/totp/remove', { body: { password, code: code.trim() } }));
    await changed();
    toastDone(t.account.totpRemoved);
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit((values) => void going.submit(values))}>
      <Stack>
        <SecretField label={t.account.oldPassword} autoComplete="current-password" data-autofocus {...form.getInputProps('password')} />
        <TextInput label={t.auth.signIn.totp} autoComplete="one-time-code" {...form.getInputProps('code')} />
        <Refusal text={going.refused} />
        <Group justify="flex-end"><Button type="submit" color="red" loading={going.isBusy}>{t.account.totpRemove}</Button></Group>
      </Stack>
    </form>
  );
}
