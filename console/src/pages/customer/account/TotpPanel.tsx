// One-time codes: turned on in two steps (password, then a code that proves the secret was
// taken), with recovery codes that are shown once; turned off with password and code.
import { Anchor, Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import { useSubmit } from '~/data/form';
import { useWords } from '~/i18n';
import { auth } from '~/i18n/auth';
import { useSession } from '~/shell/site';
import { CodeField } from '~/ui/CodeField';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { Modal } from '~/ui/dialogs';
import { Panel } from '~/ui/Panel';
import { type Qr, QrCode } from '~/ui/QrCode';
import { Refusal } from '~/ui/Refusal';
import { keepOpen, ShowOnce } from '~/ui/ShowOnce';
import { toastDone } from '~/ui/toast';
import { ProofFields } from './ProofFields';
import { words } from './words';

interface Offer {
  secret: string;
  uri: string;
  qr: Qr;
}

type Step = 'closed' | 'start' | 'remove' | 'codes';

export function TotpPanel() {
  const t = useWords(words);
  const { user } = useSession();
  const [step, setStep] = useState<Step>('closed');
  const [isMade, setMade] = useState(false);
  const close = () => setStep('closed');
  return (
    <Panel
      title={t.totp}
      actions={
        <Badge color={user.has_totp ? 'green' : 'gray'} variant="light">
          {user.has_totp ? t.totpOn : t.totpOff}
        </Badge>
      }
    >
      <Group justify="space-between">
        <Text c="dimmed">{t.totpIntro}</Text>
        {user.has_totp ? (
          <Group gap="xs">
            <Button variant="default" onClick={() => setStep('codes')}>
              {t.newCodes}
            </Button>
            <Button variant="default" onClick={() => setStep('remove')}>
              {t.totpRemove}
            </Button>
          </Group>
        ) : (
          <Button variant="default" onClick={() => setStep('start')}>
            {t.totpStart}
          </Button>
        )}
      </Group>
      <Modal
        opened={step !== 'closed'}
        onClose={close}
        onExitTransitionEnd={() => setMade(false)}
        title={t.totp}
        closeButtonProps={useCloseLabel()}
        {...keepOpen(isMade)}
      >
        {step === 'start' && <TurnOn onDone={close} onMade={() => setMade(true)} />}
        {step === 'remove' && <TurnOff onDone={close} />}
        {step === 'codes' && <NewCodes onDone={close} onMade={() => setMade(true)} />}
      </Modal>
    </Panel>
  );
}

function useSessionChanged() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ['session'] });
}

function TurnOn({ onDone, onMade }: { onDone: () => void; onMade: () => void }) {
  const t = useWords(words);
  const changed = useSessionChanged();
  const [offered, setOffered] = useState<Offer | null>(null);
  const [recovery, setRecovery] = useState<string[] | null>(null);
  const form = useForm({ initialValues: { password: '', code: '' } });
  const going = useSubmit(form, async ({ password, code }) => {
    if (offered === null) {
      setOffered(await call<Offer>(api.POST('/api/me/totp', { body: { password } })));
      return;
    }
    const answer = await call<{ recovery_codes: string[] }>(
      api.POST('/api/me/totp/confirm', { body: { code: code.trim() } }),
    );
    setRecovery(answer.recovery_codes);
    onMade();
    await changed();
  });
  if (recovery) return <Codes codes={recovery} onDone={onDone} />;
  return (
    <form onSubmit={form.onSubmit((values) => void going.submit(values))}>
      <Stack>
        {offered === null ? (
          <ProofFields password={form.getInputProps('password')} />
        ) : (
          <>
            <Text>{t.totpScan}</Text>
            <QrCode qr={offered.qr} label={t.totpScan} />
            <ShowOnce secret={offered.secret} label={t.totpSecret} />
            <Anchor href={offered.uri}>{t.totpOpen}</Anchor>
            <CodeField label={t.totpCode} isNumeric {...form.getInputProps('code')} />
          </>
        )}
        <Refusal text={going.refused} />
        <Group justify="flex-end">
          <Button type="submit" loading={going.isBusy}>
            {offered ? t.totpConfirm : t.totpStart}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Codes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const t = useWords(words);
  return (
    <ShowOnce secret={codes.join('\n')} label={t.recovery}>
      <Text size="sm" c="dimmed">
        {t.recoveryText}
      </Text>
      <Group justify="flex-end">
        <Button onClick={onDone}>{t.shell.done}</Button>
      </Group>
    </ShowOnce>
  );
}

function TurnOff({ onDone }: { onDone: () => void }) {
  const t = useWords(words);
  const changed = useSessionChanged();
  const remove = async (body: Proof) => {
    await call(api.POST('/api/me/totp/remove', { body }));
    await changed();
    toastDone(t.totpRemoved);
    onDone();
  };
  return <ProofForm action={t.totpRemove} isDangerous onProven={remove} />;
}

/** Other recovery codes in place of those that are left. */
function NewCodes({ onDone, onMade }: { onDone: () => void; onMade: () => void }) {
  const t = useWords(words);
  const [codes, setCodes] = useState<string[] | null>(null);
  const make = async (body: Proof) => {
    const answer = await call<{ recovery_codes: string[] }>(
      api.POST('/api/me/totp/recovery-codes', { body }),
    );
    setCodes(answer.recovery_codes);
    onMade();
  };
  if (codes) return <Codes codes={codes} onDone={onDone} />;
  return <ProofForm text={t.newCodesText} action={t.newCodes} onProven={make} />;
}

interface Proof {
  password: string;
  code: string;
}

function ProofForm(props: {
  text?: string;
  action: string;
  isDangerous?: boolean;
  onProven: (proof: Proof) => Promise<void>;
}) {
  const authTexts = useWords(auth);
  const form = useForm({ initialValues: { password: '', code: '' } });
  const going = useSubmit(form, ({ password, code }) =>
    props.onProven({ password, code: code.trim() }),
  );
  return (
    <form onSubmit={form.onSubmit((values) => void going.submit(values))}>
      <Stack>
        {props.text && <Text>{props.text}</Text>}
        <ProofFields password={form.getInputProps('password')} />
        <CodeField label={authTexts.signIn.totp} {...form.getInputProps('code')} />
        <Refusal text={going.refused} />
        <Group justify="flex-end">
          <Button
            type="submit"
            color={props.isDangerous ? 'red' : undefined}
            loading={going.isBusy}
          >
            {props.action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
