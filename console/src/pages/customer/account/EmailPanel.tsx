// Another e-mail address: a mail to it proves it, and the old one can undo it for three days.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Session, User } from '~/api/types';
import { isEmail, useSubmit } from '~/data/form';
import { useWords } from '~/i18n';
import { auth } from '~/i18n/auth';
import { useSession, useSite } from '~/shell/site';
import { CodeField } from '~/ui/CodeField';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { Modal } from '~/ui/dialogs';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { toastDone } from '~/ui/toast';
import { ProofFields } from './ProofFields';
import { words } from './words';

export function EmailPanel() {
  const t = useWords(words);
  const { user } = useSession();
  const { has_mail: hasMail } = useSite();
  const [isOpen, setOpen] = useState(false);
  return (
    <Panel title={t.email}>
      <Group justify="space-between">
        <div>
          <Text fw={600}>{user.email}</Text>
          <Text c="dimmed">{hasMail ? t.emailIntro : t.emailNoMail}</Text>
        </div>
        {hasMail && (
          <Button variant="default" onClick={() => setOpen(true)}>
            {t.emailChange}
          </Button>
        )}
      </Group>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={t.emailChange}
        closeButtonProps={useCloseLabel()}
      >
        <Steps onDone={() => setOpen(false)} />
      </Modal>
    </Panel>
  );
}

function Steps({ onDone }: { onDone: () => void }) {
  const [email, setEmail] = useState<string | null>(null);
  if (email === null) return <Start onSent={setEmail} />;
  return <Finish email={email} onDone={onDone} />;
}

function Start({ onSent }: { onSent: (email: string) => void }) {
  const t = useWords(words);
  const authTexts = useWords(auth);
  const form = useForm({
    initialValues: { email: '', password: '', totp: '' },
    validate: { email: (value) => (isEmail(value) ? null : authTexts.emailWrong) },
  });
  const starting = useSubmit(form, async ({ email, password, totp }) => {
    const body = { email: email.trim(), password, totp: totp.trim() || null };
    await call(api.POST('/api/me/email/start', { body }));
    onSent(body.email);
  });
  return (
    <form onSubmit={form.onSubmit((values) => void starting.submit(values))} noValidate>
      <Stack>
        <TextInput
          label={t.emailNew}
          type="email"
          autoComplete="email"
          data-autofocus
          {...form.getInputProps('email')}
        />
        <ProofFields password={form.getInputProps('password')} totp={form.getInputProps('totp')} />
        <Refusal text={starting.refused} />
        <Group justify="flex-end">
          <Button type="submit" loading={starting.isBusy}>
            {authTexts.mailed.send}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Finish({ email, onDone }: { email: string; onDone: () => void }) {
  const t = useWords(words);
  const authTexts = useWords(auth);
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { code: '' },
    validate: {
      code: (value) => (/^\s*(\d\s*){6}$/.test(value) ? null : authTexts.mailed.codeWrong),
    },
  });
  const finishing = useSubmit(form, async ({ code }) => {
    const body = { email, code: code.trim() };
    const user = await call<User>(api.POST('/api/me/email/finish', { body }));
    queries.setQueryData(
      ['session'],
      (before: Session | undefined) => before && { ...before, user },
    );
    toastDone(authTexts.newEmail.done);
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit((values) => void finishing.submit(values))} noValidate>
      <Stack>
        <Text role="status">{authTexts.mailed.sent(email)}</Text>
        <CodeField
          label={authTexts.mailed.code}
          description={authTexts.mailed.codeHint}
          isNumeric
          autoFocus
          {...form.getInputProps('code')}
        />
        <Text size="sm" c="dimmed">
          {t.emailUndo}
        </Text>
        <Refusal text={finishing.refused} />
        <Group justify="flex-end">
          <Button type="submit" loading={finishing.isBusy}>
            {authTexts.newEmail.action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
