// A one-time link that somebody was sent: it joins an account, makes an operator, or sets a
// new password.
import { Button, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import { asProblem } from '~/api/problem';
import type { LinkLook, Session } from '~/api/types';
import { isEmail, linkSecret, PASSWORD_LENGTH_MIN, useSubmit } from '~/data/form';
import { useWords } from '~/i18n';
import { auth } from '~/i18n/auth';
import { useGoOn } from '~/pages/public/sign-in/useGoOn';
import { useSessionQuery, useSetSession } from '~/shell/site';
import { CodeField } from '~/ui/CodeField';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { SecretField } from '~/ui/SecretField';
import { EmptyState, ErrorState, LoadingState } from '~/ui/States';

export default function JoinPage() {
  const words = useWords(auth).join;
  const [link] = useState(linkSecret);
  const look = useQuery({
    queryKey: ['link', link],
    queryFn: () => call<LinkLook>(api.POST('/api/links/look', { body: { link } })),
    staleTime: Infinity,
  });
  const session = useSessionQuery().data;
  // Whoever joins by the form has a session from then on, and is not asked once more.
  const [made, setMade] = useState<Session | null>(null);
  useGoOn(made);
  if (look.data?.kind === 'invite' && session && made === null) {
    return <Accept link={link} look={look.data} session={session} />;
  }
  if (look.data) return <JoinForm link={link} look={look.data} onMade={setMade} />;
  const isBad = look.error !== null && asProblem(look.error).code === 'link_not_valid';
  return (
    <PageFrame title={isBad ? words.badLink : words.action}>
      <Panel>
        {isBad && <EmptyState icon="key" title={words.badLink} text={words.badLinkText} />}
        {look.error && !isBad && (
          <ErrorState error={look.error} onRetry={() => void look.refetch()} />
        )}
        {look.isLoading && <LoadingState rows={3} />}
      </Panel>
    </PageFrame>
  );
}

// Somebody who is signed in joins as themselves, and is asked first.
function Accept(props: { link: string; look: LinkLook; session: Session }) {
  const words = useWords(auth).join;
  const setSession = useSetSession();
  const [made, setMade] = useState<Session | null>(null);
  useGoOn(made);
  const form = useForm({ initialValues: {} });
  const joining = useSubmit(form, async () => {
    const answer = await call<Session>(api.POST('/api/join', { body: { link: props.link } }));
    setSession(answer);
    setMade(answer);
  });
  return (
    <PageFrame title={words.inviteTitle(props.look.account_name ?? '')}>
      <Panel>
        <form onSubmit={form.onSubmit((values) => void joining.submit(values))} noValidate>
          <Stack>
            <Text>{words.asYourself(props.session.user.email)}</Text>
            <Refusal text={joining.refused} />
            <Button type="submit" loading={joining.isBusy}>
              {words.accept}
            </Button>
          </Stack>
        </form>
      </Panel>
    </PageFrame>
  );
}

interface FormProps {
  link: string;
  look: LinkLook;
  onMade: (session: Session) => void;
}

function JoinForm({ link, look, onMade }: FormProps) {
  const t = useWords(auth);
  const words = t.join;
  const setSession = useSetSession();
  const [needsCode, setNeedsCode] = useState(false);
  const form = useForm({
    initialValues: { email: look.email ?? '', password: '', totp: '' },
    validate: {
      email: (value) => (isEmail(value) ? null : t.emailWrong),
      password: (value) => (value.length >= PASSWORD_LENGTH_MIN ? null : t.passwordTooShort),
    },
  });
  const isReset = look.kind === 'reset';
  const joining = useSubmit(
    form,
    async ({ email, password, totp }) => {
      const who = isReset ? { email: null } : { email: email.trim(), totp: totp.trim() || null };
      const body = { link, password, ...who };
      const session = await call<Session>(api.POST('/api/join', { body }));
      onMade(session);
      setSession(session);
    },
    (code) => {
      if (code !== 'totp_required' || needsCode) return false;
      setNeedsCode(true);
      return true;
    },
  );
  const title = {
    operator: words.operatorTitle,
    reset: words.resetTitle,
    invite: words.inviteTitle(look.account_name ?? ''),
  }[look.kind];
  return (
    <PageFrame title={title}>
      <Panel>
        <form onSubmit={form.onSubmit((values) => void joining.submit(values))} noValidate>
          <Stack>
            <TextInput
              label={t.email}
              type="email"
              autoComplete="username"
              readOnly={look.email !== null}
              {...form.getInputProps('email')}
            />
            <SecretField
              label={isReset ? t.newPassword : t.password}
              description={isReset ? t.passwordHint : words.passwordHint}
              autoComplete="new-password"
              {...form.getInputProps('password')}
            />
            {needsCode && (
              <CodeField
                label={t.signIn.totp}
                description={t.signIn.totpHint}
                {...form.getInputProps('totp')}
              />
            )}
            <Refusal text={joining.refused} />
            <Button type="submit" loading={joining.isBusy}>
              {words.action}
            </Button>
          </Stack>
        </form>
      </Panel>
    </PageFrame>
  );
}
