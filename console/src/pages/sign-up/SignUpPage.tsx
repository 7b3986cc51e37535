// Opening an account, where the shop lets people do that by themselves.
import { Button, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api, call } from '~/api/client';
import type { Session } from '~/api/types';
import { isEmail, PASSWORD_LENGTH_MIN, useSubmit } from '~/app/form';
import { useSessionQuery, useSetSession, useSite } from '~/app/site';
import { useSpeaking } from '~/i18n';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { RouterLink } from '~/ui/RouterLink';
import { SecretField } from '~/ui/SecretField';
import { EmptyState } from '~/ui/States';
import { useGoOn } from '~/pages/sign-in/useGoOn';

export default function SignUpPage() {
  const { t } = useSpeaking();
  const { sign_up: mode } = useSite();
  useGoOn(useSessionQuery().data);
  const words = t.auth.signUp;
  return (
    <PageFrame title={words.title} intro={mode === 'open' ? words.intro : undefined}>
      <Panel>
        {mode === 'open' && <SignUpForm />}
        {mode === 'closed' && <EmptyState icon="key" title={words.closed} text={words.closedText} />}
        {mode === 'invite' && <EmptyState icon="key" title={words.byInvite} text={words.byInviteText} />}
      </Panel>
      <Text ta="center"><RouterLink to="/sign-in">{words.toSignIn}</RouterLink></Text>
    </PageFrame>
  );
}

function SignUpForm() {
  const { t, language } = useSpeaking();
  const setSession = useSetSession();
  const form = useForm({
    initialValues: { email: '', password: '' },
    validate: {
      email: (value) => (isEmail(value) ? null : t.auth.emailWrong),
      password: (value) => (value.length >= PASSWORD_LENGTH_MIN ? null : t.auth.passwordTooShort),
    },
  });
  const signing = useSubmit(form, async ({ email, password }) => {
    const body = { email: email.trim(), password, language };
    setSession(await call<Session>(api.POST('/api/sign-up', { body })));
  });
  return (
    <form onSubmit={form.onSubmit((values) => void signing.submit(values))} noValidate>
      <Stack>
        <TextInput label={t.auth.email} type="email" autoComplete="username" {...form.getInputProps('email')} autoFocus />
        <SecretField label={t.auth.password} description={t.auth.passwordHint} autoComplete="new-password" {...form.getInputProps('password')} />
        <Refusal text={signing.refused} />
        <Button type="submit" loading={signing.isBusy}>{t.auth.signUp.action}</Button>
      </Stack>
    </form>
  );
}
