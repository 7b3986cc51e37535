// Redeems a code. It may be pasted as it came: with spaces, dashes, small letters or
// full-width ones.
import { Alert, Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Redeemed } from '~/api/types';
import { useSubmit } from '~/data/form';
import { useWords } from '~/i18n';
import { useAccountId } from '~/shell/site';
import { Amount } from '~/ui/Amount';
import { Icon } from '~/ui/Icon';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { RouterLink } from '~/ui/RouterLink';
import { Time } from '~/ui/Time';
import { words } from '../words';

export function RedeemMethod() {
  const t = useWords(words);
  const account = useAccountId();
  const queries = useQueryClient();
  const [redeemed, setRedeemed] = useState<Redeemed | null>(null);
  const form = useForm({
    initialValues: { code: '' },
    validate: { code: (value) => (plain(value) === '' ? t.shell.required : null) },
  });
  const sending = useSubmit(form, async ({ code }) => {
    setRedeemed(null);
    setRedeemed(
      await call<Redeemed>(
        api.POST('/api/accounts/{account}/redeem', {
          params: { path: { account } },
          body: { code: plain(code) },
        }),
      ),
    );
    form.reset();
    await queries.invalidateQueries({ queryKey: ['account', account] });
  });
  return (
    <Panel title={t.redeem}>
      <form onSubmit={form.onSubmit((values) => void sending.submit(values))}>
        <Stack>
          <Group align="flex-start" gap="sm">
            <TextInput
              label={t.code}
              description={t.codeHint}
              flex="1 1 280px"
              autoComplete="off"
              autoCapitalize="characters"
              spellCheck={false}
              required
              maxLength={120}
              {...form.getInputProps('code')}
            />
          </Group>
          <Refusal text={sending.refused} />
          <div>
            <Button type="submit" loading={sending.isBusy}>
              {t.redeemAction}
            </Button>
          </div>
          {redeemed && <Done redeemed={redeemed} />}
        </Stack>
      </form>
    </Panel>
  );
}

function Done({ redeemed }: { redeemed: Redeemed }) {
  const t = useWords(words);
  const { amount, entry } = redeemed;
  return (
    <Alert
      color="green"
      icon={<Icon name="check" />}
      role="status"
      title={
        <>
          {t.credited} <Amount micros={amount} show="both" />
        </>
      }
    >
      {t.balanceNow} <Amount micros={entry.balance_after} show="both" /> · <Time at={entry.at} /> ·{' '}
      <RouterLink to="/statement">{t.seeEntry(entry.seq)}</RouterLink>
    </Alert>
  );
}

/** The characters of a code, whatever was pasted around them. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '');
}
