// The link of a mail to a new address: whoever is signed in has it from then on.
import { Button, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call } from '~/api/client';
import { linkSecret, useSubmit } from '~/data/form';
import { useWords } from '~/i18n';
import { auth } from '~/i18n/auth';
import { useSessionQuery } from '~/shell/site';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { RouterLink } from '~/ui/RouterLink';
import { toastDone } from '~/ui/toast';

export default function ConfirmEmailPage() {
  const t = useWords(auth).newEmail;
  const [link] = useState(linkSecret);
  const session = useSessionQuery();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({ initialValues: {} });
  const confirming = useSubmit(form, async () => {
    await call(api.POST('/api/me/email/finish', { body: { link } }));
    await queries.invalidateQueries();
    toastDone(t.done);
    await navigate({ to: '/account' });
  });
  return (
    <PageFrame title={t.title}>
      <Panel>
        {session.data ? (
          <form onSubmit={form.onSubmit((values) => void confirming.submit(values))}>
            <Stack>
              <Text>{t.text}</Text>
              <Refusal text={confirming.refused} />
              <Button type="submit" loading={confirming.isBusy}>
                {t.action}
              </Button>
            </Stack>
          </form>
        ) : (
          <Stack>
            <Text>{t.signInFirst}</Text>
            <RouterLink to="/sign-in">{t.toSignIn}</RouterLink>
          </Stack>
        )}
      </Panel>
    </PageFrame>
  );
}
