// Changing the password, which ends the other sessions.
import { Button, Group, SimpleGrid } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import { PASSWORD_LENGTH_MIN, useSubmit } from '~/app/form';
import { useTexts } from '~/i18n';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { SecretField } from '~/ui/SecretField';
import { toastDone } from '~/ui/toast';
import { useSession } from '~/app/site';

export function PasswordPanel() {
  const t = useTexts();
  const { user } = useSession();
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { old: '', new: '' },
    validate: {
      old: (value) => (value === '' ? t.shell.required : null),
      new: (value) => (value.length >= PASSWORD_LENGTH_MIN ? null : t.auth.passwordTooShort),
    },
  });
  const changing = useSubmit(form, async (body) => {
    await call(api.POST('/api/me/password', { body }));
    form.reset();
    await queries.invalidateQueries({ queryKey: ['me', 'sessions'] });
    toastDone(t.account.passwordChanged);
  });
  return (
    <Panel title={t.account.password}>
      <form onSubmit={form.onSubmit((values) => void changing.submit(values))}>
        <input type="email" autoComplete="username" value={user.email} readOnly hidden />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <SecretField label={t.account.oldPassword} autoComplete="current-password" {...form.getInputProps('old')} />
          <SecretField label={t.auth.newPassword} autoComplete="new-password" placeholder={t.auth.passwordHint} {...form.getInputProps('new')} />
        </SimpleGrid>
        <Refusal text={changing.refused} />
        <Group mt="sm"><Button type="submit" variant="default" loading={changing.isBusy}>{t.account.changePassword}</Button></Group>
      </form>
    </Panel>
  );
}
