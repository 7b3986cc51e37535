// Changing the password, which ends the other sessions.
import { Button, Group, SimpleGrid } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import { PASSWORD_LENGTH_MIN, useSubmit } from '~/data/form';
import { useWords } from '~/i18n';
import { auth } from '~/i18n/auth';
import { useSession } from '~/shell/site';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { SecretField } from '~/ui/SecretField';
import { toastDone } from '~/ui/toast';
import { ProofFields } from './ProofFields';
import { words } from './words';

export function PasswordPanel() {
  const t = useWords(words);
  const authTexts = useWords(auth);
  const { user } = useSession();
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { old: '', new: '', totp: '' },
    validate: {
      old: (value) => (value === '' && user.has_password ? t.shell.required : null),
      new: (value) => (value.length >= PASSWORD_LENGTH_MIN ? null : authTexts.passwordTooShort),
    },
  });
  const changing = useSubmit(form, async (values) => {
    const body = { ...values, totp: values.totp.trim() || null };
    await call(api.POST('/api/me/password', { body }));
    form.reset();
    await queries.invalidateQueries({ queryKey: ['session'] });
    await queries.invalidateQueries({ queryKey: ['me', 'sessions'] });
    toastDone(t.passwordChanged);
  });
  return (
    <Panel title={t.password}>
      <form onSubmit={form.onSubmit((values) => void changing.submit(values))}>
        <input type="email" autoComplete="username" value={user.email} readOnly hidden />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <ProofFields password={form.getInputProps('old')} totp={form.getInputProps('totp')} />
          <SecretField
            label={authTexts.newPassword}
            autoComplete="new-password"
            placeholder={authTexts.passwordHint}
            {...form.getInputProps('new')}
          />
        </SimpleGrid>
        <Refusal text={changing.refused} />
        <Group mt="sm">
          <Button type="submit" variant="default" loading={changing.isBusy}>
            {user.has_password ? t.changePassword : t.passwordSet}
          </Button>
        </Group>
      </form>
    </Panel>
  );
}
