// Another password, after a mail; who has a second factor signs in with it afterwards.
import { Button, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Came, Session } from '~/api/types';
import { isEmail, linkSecret, useSubmit } from '~/data/form';
import { withRiddle } from '~/data/riddle';
import { useWords } from '~/i18n';
import { auth } from '~/i18n/auth';
import { useGoOn } from '~/pages/public/sign-in/useGoOn';
import { MailedCode, type MailProof } from '~/pages/public/sign-up/MailedCode';
import { useSetSession, useSite } from '~/shell/site';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { RouterLink } from '~/ui/RouterLink';
import { EmptyState } from '~/ui/States';
import { toastDone } from '~/ui/toast';

export default function ResetPage() {
  const t = useWords(auth);
  const site = useSite();
  return (
    <PageFrame title={t.reset.title} intro={site.has_mail ? t.reset.intro : undefined}>
      <Panel>
        {site.has_mail ? (
          <Steps />
        ) : (
          <EmptyState icon="key" title={t.reset.noMail} text={t.signIn.forgot} />
        )}
      </Panel>
      <Text ta="center">
        <RouterLink to="/sign-in">{t.signUp.toSignIn}</RouterLink>
      </Text>
    </PageFrame>
  );
}

function Steps() {
  const t = useWords(auth);
  const setSession = useSetSession();
  const navigate = useNavigate();
  const [link, setLink] = useState(() => linkSecret() || null);
  const [email, setEmail] = useState<string | null>(null);
  const [made, setMade] = useState<Session | null>(null);
  useGoOn(made);
  const finish = async (proof: MailProof) => {
    const { user, ...came } = await call<Came>(api.POST('/api/reset/finish', { body: proof }));
    toastDone(t.reset.done);
    if (!user) {
      await navigate({ to: '/sign-in' });
      return;
    }
    setSession({ ...came, user });
    setMade({ ...came, user });
  };
  const back = () => {
    setLink(null);
    setEmail(null);
  };
  if (link !== null || email !== null)
    return (
      <MailedCode
        email={email}
        link={link}
        action={t.reset.action}
        onSubmit={finish}
        onBack={back}
      />
    );
  return <Start onSent={setEmail} />;
}

function Start({ onSent }: { onSent: (email: string) => void }) {
  const t = useWords(auth);
  const form = useForm({
    initialValues: { email: '' },
    validate: { email: (value) => (isEmail(value) ? null : t.emailWrong) },
  });
  const starting = useSubmit(form, async (values) => {
    const email = values.email.trim();
    await withRiddle((altcha) => call(api.POST('/api/reset/start', { body: { email, altcha } })));
    onSent(email);
  });
  return (
    <form onSubmit={form.onSubmit((values) => void starting.submit(values))} noValidate>
      <Stack>
        <TextInput
          label={t.email}
          type="email"
          autoComplete="username"
          {...form.getInputProps('email')}
          autoFocus
        />
        <Refusal text={starting.refused} />
        <Button type="submit" loading={starting.isBusy}>
          {t.mailed.send}
        </Button>
      </Stack>
    </form>
  );
}
