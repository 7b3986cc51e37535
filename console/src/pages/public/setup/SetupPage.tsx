// The first set-up: one form, behind the one-time link that the server printed.
import { Button, Code, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Session } from '~/api/types';
import { isEmail, linkSecret, PASSWORD_LENGTH_MIN, useSubmit } from '~/data/form';
import { useSpeaking, useWords } from '~/i18n';
import { auth } from '~/i18n/auth';
import { useGoOn } from '~/pages/public/sign-in/useGoOn';
import { useSetSession } from '~/shell/site';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { SecretField } from '~/ui/SecretField';
import { EmptyState } from '~/ui/States';

export default function SetupPage() {
  const t = useWords(auth);
  const words = t.setup;
  const [link] = useState(linkSecret);
  const [isBad, setBad] = useState(link === '');
  return (
    <PageFrame title={words.title} intro={isBad ? undefined : words.intro}>
      <Panel>
        {isBad ? (
          <EmptyState
            icon="key"
            title={words.badLink}
            text={words.badLinkText}
            action={<Code>yiyuan operator link</Code>}
          />
        ) : (
          <SetupForm link={link} onBadLink={() => setBad(true)} />
        )}
      </Panel>
    </PageFrame>
  );
}

function SetupForm({ link, onBadLink }: { link: string; onBadLink: () => void }) {
  const t = useWords(auth);
  const { language } = useSpeaking();
  const queries = useQueryClient();
  const setSession = useSetSession();
  const [made, setMade] = useState<Session | null>(null);
  useGoOn(made);
  const form = useForm({
    initialValues: { email: '', password: '' },
    validate: {
      email: (value) => (isEmail(value) ? null : t.emailWrong),
      password: (value) => (value.length >= PASSWORD_LENGTH_MIN ? null : t.passwordTooShort),
    },
  });
  const setting = useSubmit(
    form,
    async ({ email, password }) => {
      const body = { link, email: email.trim(), password, language };
      const session = await call<Session>(api.POST('/api/setup', { body }));
      await queries.invalidateQueries({ queryKey: ['site'] });
      setSession(session);
      setMade(session);
    },
    (code) => {
      if (code !== 'link_not_valid') return false;
      onBadLink();
      return true;
    },
  );
  return (
    <form onSubmit={form.onSubmit((values) => void setting.submit(values))} noValidate>
      <Stack>
        <TextInput
          label={t.email}
          type="email"
          autoComplete="username"
          {...form.getInputProps('email')}
          autoFocus
        />
        <SecretField
          label={t.password}
          description={t.passwordHint}
          autoComplete="new-password"
          {...form.getInputProps('password')}
        />
        <Refusal text={setting.refused} />
        <Button type="submit" loading={setting.isBusy}>
          {t.setup.action}
        </Button>
      </Stack>
    </form>
  );
}
