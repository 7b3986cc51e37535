// The terms, once more, after they have changed; customers go on when they have agreed. Whoever
// does not can still take what is kept of them, and go: on their account's page.
import { Anchor, Button, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { Session, User } from '~/api/types';
import { useSubmit } from '~/data/form';
import { useTexts } from '~/i18n';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { RouterLink } from '~/ui/RouterLink';
import { PAGE_BEFORE_TERMS } from './consent';
import { useSite } from './site';

export function Terms() {
  const { terms } = useTexts().shell;
  const { terms_link: link, terms_version: version } = useSite();
  const queries = useQueryClient();
  const form = useForm({ initialValues: {} });
  const agreeing = useSubmit(form, async () => {
    const body = { version: version ?? '' };
    const user = await call<User>(api.POST('/api/me/consent', { body }));
    queries.setQueryData(
      ['session'],
      (before: Session | undefined) => before && { ...before, user },
    );
  });
  return (
    <PageFrame title={terms.title}>
      <Panel>
        <form onSubmit={form.onSubmit((values) => void agreeing.submit(values))}>
          <Stack align="flex-start">
            <Text>{terms.text}</Text>
            <Anchor href={link ?? ''} target="_blank" rel="noreferrer">
              {terms.read}
            </Anchor>
            <Refusal text={agreeing.refused} />
            <Button type="submit" loading={agreeing.isBusy}>
              {terms.agree}
            </Button>
            <RouterLink to={PAGE_BEFORE_TERMS}>{terms.leave}</RouterLink>
          </Stack>
        </form>
      </Panel>
    </PageFrame>
  );
}
