// Everything that is kept of the person, as a file; and going for good.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { api, call } from '~/api/client';
import { useSubmit } from '~/data/form';
import { useWords } from '~/i18n';
import { useSession } from '~/shell/site';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { Modal } from '~/ui/dialogs';
import { Icon } from '~/ui/Icon';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { ProofFields } from './ProofFields';
import { words } from './words';

export function PrivacyPanel() {
  const t = useWords(words);
  const [isLeaving, setLeaving] = useState(false);
  return (
    <Panel title={t.privacy}>
      <Text c="dimmed">{t.privacyText}</Text>
      <Group mt="sm">
        <Button
          component="a"
          href="/api/me/export"
          download="yiyuan-export.json"
          variant="default"
          leftSection={<Icon name="download" size={15} />}
        >
          {t.export}
        </Button>
        <Button variant="default" onClick={() => setLeaving(true)}>
          {t.leave}
        </Button>
      </Group>
      <Modal
        opened={isLeaving}
        onClose={() => setLeaving(false)}
        title={t.leave}
        closeButtonProps={useCloseLabel()}
      >
        <LeaveForm />
      </Modal>
    </Panel>
  );
}

function LeaveForm() {
  const t = useWords(words);
  const { user } = useSession();
  const form = useForm({
    initialValues: { typed: '', password: '', totp: '' },
    validate: {
      typed: (value) => (value.trim() === user.email ? null : t.shell.typeToConfirm(user.email)),
    },
  });
  const leaving = useSubmit(form, async ({ password, totp }) => {
    await call(api.POST('/api/me/delete', { body: { password, totp: totp.trim() || null } }));
    window.location.assign('/console/sign-in');
  });
  return (
    <form onSubmit={form.onSubmit((values) => void leaving.submit(values))} noValidate>
      <Stack>
        <Text>{t.leaveText}</Text>
        <TextInput
          label={t.shell.typeToConfirm(user.email)}
          data-autofocus
          autoComplete="off"
          {...form.getInputProps('typed')}
        />
        <ProofFields password={form.getInputProps('password')} totp={form.getInputProps('totp')} />
        <Refusal text={leaving.refused} />
        <Group justify="flex-end">
          <Button type="submit" color="red" loading={leaving.isBusy}>
            {t.leave}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
