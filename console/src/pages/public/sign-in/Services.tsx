// Signing in by another service: its buttons, and the step that is missing after it.
import { Alert, Anchor, Button, Checkbox, Divider, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { PendingSignIn, Session } from '~/api/types';
import { useSubmit } from '~/data/form';
import { useWords } from '~/i18n';
import { auth } from '~/i18n/auth';
import { useSetSession, useSite } from '~/shell/site';
import { CodeField } from '~/ui/CodeField';
import { Refusal } from '~/ui/Refusal';
import { SecretField } from '~/ui/SecretField';
import { ErrorState, LoadingState } from '~/ui/States';
import { EmailStep, PENDING } from './EmailStep';

export function ServiceButtons({ next }: { next?: string }) {
  const words = useWords(auth).services;
  const { sign_in_services: services } = useSite();
  if (services.length === 0) return null;
  const returnTo = encodeURIComponent(
    next ? `/console${next.replace(/^\/console/, '')}` : '/console',
  );
  return (
    <Stack mt="md">
      <Divider label={words.or} />
      {services.map((service) => (
        <Button
          key={service.name}
          component="a"
          variant="default"
          href={`/api/sign-in/${service.name}?return_to=${returnTo}`}
        >
          {words.by(service.title)}
        </Button>
      ))}
    </Stack>
  );
}

/** What went wrong at a service, by the code that came back with the browser. */
export function ServiceProblem({ code }: { code: string }) {
  const words = useWords(auth).services;
  const known: Record<string, string | undefined> = words.problems;
  return (
    <Alert color="red" title={words.failed}>
      <Text size="sm">{known[code] ?? words.otherProblem(code)}</Text>
    </Alert>
  );
}

export function MissingStep() {
  const pending = useQuery({
    queryKey: PENDING,
    queryFn: () => call<PendingSignIn>(api.GET('/api/sign-in/continue')),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  if (pending.error) return <ErrorState error={pending.error} />;
  return pending.data ? (
    <StepForm key={pending.data.step} pending={pending.data} />
  ) : (
    <LoadingState rows={3} />
  );
}

function StepForm({ pending }: { pending: PendingSignIn }) {
  const t = useWords(auth);
  const words = t.services;
  const setSession = useSetSession();
  const router = useRouter();
  const [needsCode, setNeedsCode] = useState(pending.step === 'totp');
  const site = useSite();
  const asksTerms = pending.step === 'accept' && site.terms_link !== null;
  const form = useForm({
    initialValues: { password: '', totp: '', agrees: false },
    validate: { agrees: (value) => (!asksTerms || value ? null : t.signUp.termsMissing) },
  });
  const going = useSubmit(
    form,
    async ({ password, totp }) => {
      const body = {
        accept: pending.step === 'accept',
        consent: pending.step === 'accept' ? site.terms_version : null,
        password: password || null,
        totp: totp.trim() || null,
      };
      setSession(await call<Session>(api.POST('/api/sign-in/continue', { body })));
      await router.invalidate();
    },
    (code) => {
      if (code !== 'totp_required' || needsCode) return false;
      setNeedsCode(true);
      return true;
    },
  );
  const told = {
    accept: words.accept(pending.service, pending.email ?? ''),
    password: words.connect(pending.service, pending.email ?? ''),
    totp: words.code(pending.service),
    email: words.noEmail(pending.service),
    nothing: '',
  }[pending.step];
  if (pending.step === 'email') return <EmailStep told={told} />;
  return (
    <form onSubmit={form.onSubmit((values) => void going.submit(values))} noValidate>
      <Stack>
        <Text>{told}</Text>
        {pending.step === 'password' && (
          <SecretField
            label={t.password}
            autoComplete="current-password"
            autoFocus
            {...form.getInputProps('password')}
          />
        )}
        {needsCode && (
          <CodeField
            label={t.signIn.totp}
            description={t.signIn.totpHint}
            autoFocus
            {...form.getInputProps('totp')}
          />
        )}
        {asksTerms && (
          <Checkbox
            label={
              <>
                {t.signUp.terms}{' '}
                <Anchor href={site.terms_link ?? ''} target="_blank" rel="noreferrer">
                  {t.signUp.termsLink}
                </Anchor>
              </>
            }
            {...form.getInputProps('agrees', { type: 'checkbox' })}
          />
        )}
        <Refusal text={going.refused} />
        <Button type="submit" loading={going.isBusy}>
          {pending.step === 'accept' ? words.create : words.go}
        </Button>
      </Stack>
    </form>
  );
}
