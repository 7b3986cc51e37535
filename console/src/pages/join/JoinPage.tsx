// A one-time link that somebody was sent: it joins an account, makes an operator, or sets a
// new password.
import { Button, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import { asProblem } from '~/api/problem';
import type { LinkLook, Session } from '~/api/types';
import { isEmail, linkSecret, PASSWORD_LENGTH_MIN, useSubmit } from '~/app/form';
import { useSetSession } from '~/app/site';
import { useTexts } from '~/i18n';
import { useGoOn } from '~/pages/sign-in/useGoOn';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { SecretField } from '~/ui/SecretField';
import { EmptyState, ErrorState, LoadingState } from '~/ui/States';

export default function JoinPage() {
  const words = useTexts().auth.join;
  const [link] = useState(linkSecret);
  const look = useQuery({
    queryKey: ['link', link],
    queryFn: () => call<LinkLook>(api.POST('/api/links/look', { body: { link } })),
    staleTime: Infinity,
  });
  if (look.data) return <JoinForm link={link} look={look.data} />;
  const isBad = look.error !== null && asProblem(look.error).code === 'link_not_valid';
  return (
    <PageFrame title={isBad ? words.badLink : words.action}>
      <Panel>
        {isBad && <EmptyState icon="key" title={words.badLink} text={words.badLinkText} />}
        {look.error && !isBad && <ErrorState error={look.error} onRetry={() => void look.refetch()} />}
        {look.isLoading && <LoadingState rows={3} />}
      </Panel>
    </PageFrame>
  );
}

function JoinForm({ link, look }: { link: string; look: LinkLook }) {
  const t = useTexts();
  const words = t.auth.join;
  const setSession = useSetSession();
  const [made, setMade] = useState<Session | null>(null);
  useGoOn(made);
  const form = useForm({
    initialValues: { email: look.email ?? '', password: '' },
    validate: {
      email: (value) => (isEmail(value) ? null : t.auth.emailWrong),
      password: (value) => (value.length >= PASSWORD_LENGTH_MIN ? null : t.auth.passwordTooShort),
    },
  });
  const joining = useSubmit(form, async ({ email, password }) => {
    const body = { link, email: email.trim(), password };
    const session = await call<Session>(api.POST('/api/join', { body }));
    setSession(session);
    setMade(session);
  });
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
            <TextInput label={t.auth.email} type="email" autoComplete="username" readOnly={look.email !== null} {...form.getInputProps('email')} />
            <SecretField label={t.auth.newPassword} description={t.auth.passwordHint} autoComplete="new-password" {...form.getInputProps('password')} />
            <Refusal text={joining.refused} />
            <Button type="submit" loading={joining.isBusy}>{words.action}</Button>
          </Stack>
        </form>
      </Panel>
    </PageFrame>
  );
}
