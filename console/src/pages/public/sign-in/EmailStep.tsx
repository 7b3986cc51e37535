// The service stated no proven address: the person proves one by the digits of a mail, or by
// its link in this browser. What is asked after that depends on whose address it is.
import { Button, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { PendingSignIn } from '~/api/types';
import { isEmail, linkSecret, useSubmit } from '~/data/form';
import { useWords } from '~/i18n';
import { auth } from '~/i18n/auth';
import { useSite } from '~/shell/site';
import { CodeField } from '~/ui/CodeField';
import { Refusal } from '~/ui/Refusal';

export const PENDING = ['pending sign-in'];

export function EmailStep({ told }: { told: string }) {
  const [link] = useState(linkSecret);
  const [email, setEmail] = useState<string | null>(null);
  const { has_mail: hasMail } = useSite();
  const t = useWords(auth);
  if (!hasMail) return <Text>{t.services.noMail}</Text>;
  if (link !== '' || email !== null) return <ProveForm link={link} email={email} />;
  return <AskForm told={told} onSent={setEmail} />;
}

function AskForm({ told, onSent }: { told: string; onSent: (email: string) => void }) {
  const t = useWords(auth);
  const form = useForm({
    initialValues: { email: '' },
    validate: { email: (value) => (isEmail(value) ? null : t.emailWrong) },
  });
  const asking = useSubmit(form, async (values) => {
    const email = values.email.trim();
    await call(api.POST('/api/sign-in/continue/email', { body: { email } }));
    onSent(email);
  });
  return (
    <form onSubmit={form.onSubmit((values) => void asking.submit(values))} noValidate>
      <Stack>
        <Text>{told}</Text>
        <TextInput
          label={t.email}
          type="email"
          autoComplete="email"
          autoFocus
          {...form.getInputProps('email')}
        />
        <Refusal text={asking.refused} />
        <Button type="submit" loading={asking.isBusy}>
          {t.mailed.send}
        </Button>
      </Stack>
    </form>
  );
}

function ProveForm({ link, email }: { link: string; email: string | null }) {
  const t = useWords(auth);
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { code: '' },
    validate: {
      code: (value) => (link !== '' || /^\s*(\d\s*){6}$/.test(value) ? null : t.mailed.codeWrong),
    },
  });
  const proving = useSubmit(form, async ({ code }) => {
    const body = link !== '' ? { link } : { email, code: code.trim() };
    const next = await call<PendingSignIn>(api.POST('/api/sign-in/continue/email/prove', { body }));
    queries.setQueryData(PENDING, next);
  });
  return (
    <form onSubmit={form.onSubmit((values) => void proving.submit(values))} noValidate>
      <Stack>
        {link === '' && (
          <>
            <Text role="status">{t.mailed.sent(email ?? '')}</Text>
            <CodeField
              label={t.mailed.code}
              description={t.mailed.codeHint}
              isNumeric
              autoFocus
              {...form.getInputProps('code')}
            />
          </>
        )}
        <Refusal text={proving.refused} />
        <Button type="submit" loading={proving.isBusy}>
          {t.services.go}
        </Button>
      </Stack>
    </form>
  );
}
