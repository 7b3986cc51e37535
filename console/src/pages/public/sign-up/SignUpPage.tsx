// Opening an account, where the shop lets people do that by themselves: a mail proves the
// mailbox, and the password is chosen after that.
import { Anchor, Button, Checkbox, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Session } from '~/api/types';
import { isEmail, linkSecret, useSubmit } from '~/data/form';
import { withRiddle } from '~/data/riddle';
import { useSpeaking, useWords } from '~/i18n';
import { auth } from '~/i18n/auth';
import { useGoOn } from '~/pages/public/sign-in/useGoOn';
import { useSessionQuery, useSetSession, useSite } from '~/shell/site';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { RouterLink } from '~/ui/RouterLink';
import { EmptyState } from '~/ui/States';
import { MailedCode, type MailProof } from './MailedCode';

export default function SignUpPage() {
  const t = useWords(auth);
  const site = useSite();
  useGoOn(useSessionQuery().data);
  const words = t.signUp;
  const isPossible = site.sign_up === 'open' || (site.sign_up === 'invite' && site.has_mail);
  return (
    <PageFrame title={words.title} intro={isPossible ? words.intro : undefined}>
      <Panel>
        {isPossible && <Steps />}
        {!isPossible && site.sign_up === 'closed' && (
          <EmptyState icon="key" title={words.closed} text={words.closedText} />
        )}
        {!isPossible && site.sign_up === 'invite' && (
          <EmptyState icon="key" title={words.byInvite} text={words.byInviteText} />
        )}
      </Panel>
      <Text ta="center">
        <RouterLink to="/sign-in">{words.toSignIn}</RouterLink>
      </Text>
    </PageFrame>
  );
}

function Steps() {
  const t = useWords(auth);
  const { language } = useSpeaking();
  const site = useSite();
  const setSession = useSetSession();
  const [link, setLink] = useState(() => linkSecret() || null);
  const [email, setEmail] = useState<string | null>(null);
  const finish = async (proof: MailProof) => {
    const body = { ...proof, language, consent: site.terms_version };
    setSession(await call<Session>(api.POST('/api/sign-up/finish', { body })));
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
        action={t.signUp.action}
        onSubmit={finish}
        onBack={back}
      />
    );
  return <Start onSent={setEmail} />;
}

function Start({ onSent }: { onSent: (email: string) => void }) {
  const t = useWords(auth);
  const { language } = useSpeaking();
  const site = useSite();
  const words = t.signUp;
  const isByInvite = site.sign_up === 'invite';
  const form = useForm({
    initialValues: { email: '', invitation: '', agrees: false },
    validate: {
      email: (value) => (isEmail(value) ? null : t.emailWrong),
      invitation: (value) => (isByInvite && value.trim() === '' ? words.invitationMissing : null),
      agrees: (value) => (site.terms_link && !value ? words.termsMissing : null),
    },
  });
  const starting = useSubmit(form, async (values) => {
    const email = values.email.trim();
    const invitation = values.invitation.trim() || null;
    await withRiddle((altcha) =>
      call(api.POST('/api/sign-up/start', { body: { email, invitation, altcha, language } })),
    );
    onSent(email);
  });
  return (
    <form onSubmit={form.onSubmit((values) => void starting.submit(values))} noValidate>
      <Stack>
        <TextInput
          label={t.email}
          description={
            site.sign_up_domains.length > 0 ? words.domains(site.sign_up_domains) : undefined
          }
          type="email"
          autoComplete="username"
          {...form.getInputProps('email')}
          autoFocus
        />
        {isByInvite && (
          <TextInput
            label={words.invitation}
            autoComplete="off"
            {...form.getInputProps('invitation')}
          />
        )}
        {site.terms_link && (
          <Checkbox
            label={
              <>
                {words.terms}{' '}
                <Anchor href={site.terms_link} target="_blank" rel="noreferrer">
                  {words.termsLink}
                </Anchor>
              </>
            }
            {...form.getInputProps('agrees', { type: 'checkbox' })}
          />
        )}
        <Refusal text={starting.refused} />
        <Button type="submit" loading={starting.isBusy}>
          {t.mailed.send}
        </Button>
      </Stack>
    </form>
  );
}
