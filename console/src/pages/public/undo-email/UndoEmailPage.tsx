// The link to the old address: it has the account back, and everybody is signed out.
import { Button, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { api, call } from '~/api/client';
import { linkSecret, useSubmit } from '~/data/form';
import { useWords } from '~/i18n';
import { auth } from '~/i18n/auth';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { RouterLink } from '~/ui/RouterLink';

export default function UndoEmailPage() {
  const t = useWords(auth).undoEmail;
  const [link] = useState(linkSecret);
  const [isDone, setDone] = useState(false);
  const form = useForm({ initialValues: {} });
  const undoing = useSubmit(form, async () => {
    await call(api.POST('/api/email/undo', { body: { link } }));
    setDone(true);
  });
  return (
    <PageFrame title={t.title}>
      <Panel>
        {isDone ? (
          <Stack>
            <Text role="status">{t.done}</Text>
            <RouterLink to="/reset">{t.toReset}</RouterLink>
          </Stack>
        ) : (
          <form onSubmit={form.onSubmit((values) => void undoing.submit(values))}>
            <Stack>
              <Text>{t.text}</Text>
              <Refusal text={undoing.refused} />
              <Button type="submit" loading={undoing.isBusy}>
                {t.action}
              </Button>
            </Stack>
          </form>
        )}
      </Panel>
    </PageFrame>
  );
}
