// Signing in: e-mail and password, and a code where the user has turned codes on.
import { Alert, Button, Code, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Session } from '~/api/types';
import { isEmail, linkSecret, useSubmit } from '~/data/form';
import { useWords } from '~/i18n';
import { auth } from '~/i18n/auth';
import { useSessionQuery, useSetSession, useSite } from '~/shell/site';
import { CodeField } from '~/ui/CodeField';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { RouterLink } from '~/ui/RouterLink';
import { SecretField } from '~/ui/SecretField';
import { PasskeyButton } from './PasskeyButton';
import { MissingStep, ServiceButtons, ServiceProblem } from './Services';
import { useGoOn } from './useGoOn';

export default function SignInPage() {
  const t = useWords(auth);
  const site = useSite();
  const session = useSessionQuery().data;
  const { next, step, problem } = useSearch({ strict: false }) as {
    next?: string;
    step?: string;
    problem?: string;
  };
  const [link] = useState(linkSecret);
  useGoOn(session, next);
  return (
    <PageFrame title={t.signIn.title}>
      {!site.is_set_up && (
        <Alert color="yellow" title={t.signIn.notSetUp}>
          <Text size="sm" mb="xs">
            {t.signIn.notSetUpText}
          </Text>
          <Code block>yiyuan operator link</Code>
        </Alert>
      )}
      {problem && <ServiceProblem code={problem} />}
      <Panel>
        {step || link ? (
          <MissingStep />
        ) : (
          <>
            <SignInForm />
            <PasskeyButton />
            <ServiceButtons next={next} />
          </>
        )}
      </Panel>
      {(site.sign_up === 'open' || (site.sign_up === 'invite' && site.has_mail)) && (
        <Text ta="center">
          <RouterLink to="/sign-up">{t.signIn.toSignUp}</RouterLink>
        </Text>
      )}
      <Text ta="center" size="sm" c="dimmed">
        {site.has_mail ? <RouterLink to="/reset">{t.reset.link}</RouterLink> : t.signIn.forgot}
      </Text>
    </PageFrame>
  );
}

function SignInForm() {
  const t = useWords(auth);
  const setSession = useSetSession();
  const router = useRouter();
  const [needsCode, setNeedsCode] = useState(false);
  const form = useForm({
    initialValues: { email: '', password: '', totp: '' },
    validate: { email: (value) => (isEmail(value) ? null : t.emailWrong) },
  });
  const signing = useSubmit(
    form,
    async ({ email, password, totp }) => {
      const body = { email: email.trim(), password, totp: totp.trim() || null };
      setSession(await call<Session>(api.POST('/api/session', { body })));
      await router.invalidate();
    },
    (code) => {
      if (code !== 'totp_required' || needsCode) return false;
      setNeedsCode(true);
      return true;
    },
  );
  return (
    <form onSubmit={form.onSubmit((values) => void signing.submit(values))} noValidate>
      <Stack>
        <TextInput
          label={t.email}
          type="email"
          autoComplete="username webauthn"
          {...form.getInputProps('email')}
          autoFocus
        />
        <SecretField
          label={t.password}
          autoComplete="current-password"
          {...form.getInputProps('password')}
        />
        {needsCode && (
          <CodeField
            label={t.signIn.totp}
            description={t.signIn.totpHint}
            autoFocus
            {...form.getInputProps('totp')}
          />
        )}
        <Refusal text={signing.refused} />
        <Button type="submit" loading={signing.isBusy}>
          {t.signIn.action}
        </Button>
      </Stack>
    </form>
  );
}
