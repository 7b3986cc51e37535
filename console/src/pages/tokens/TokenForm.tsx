// The form of a token: a chunk of its own, fetched when the dialog opens.
import { Button, Checkbox, Group, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { ApiToken, NewKey } from '~/api/types';
import { useOfferedModels } from '~/app/account_data';
import { useSubmit } from '~/app/form';
import { useTexts } from '~/i18n';
import { Refusal } from '~/ui/Refusal';
import { toastDone } from '~/ui/toast';
import { BudgetFields } from './BudgetFields';
import { useTokenCalls } from './changes';
import { bodyOf, changesOf, checksOf, valuesOf } from './values';

export interface TokenFormProps {
  /** Null creates one. */
  token: ApiToken | null;
  onClose: () => void;
  onMade: (key: NewKey) => void;
}

export default function TokenForm({ token, onClose, onMade }: TokenFormProps) {
  const t = useTexts();
  const words = t.tokens;
  const calls = useTokenCalls();
  const offered = (useOfferedModels().data?.items ?? []).map((model) => model.name);
  const form = useForm({ initialValues: valuesOf(token), validate: checksOf(t, token) });
  const saving = useSubmit(form, async (values) => {
    if (token) {
      await calls.change(token.id, changesOf(values, token));
      toastDone(t.shell.saved);
      onClose();
    } else {
      onMade(await calls.create(bodyOf(values, null)));
    }
  });
  const models = [...new Set([...offered, ...form.values.models])];
  return (
    <form onSubmit={form.onSubmit((values) => void saving.submit(values))}>
      <Stack>
        <TextInput label={t.shell.name} description={words.nameHint} required autoFocus maxLength={64} {...form.getInputProps('name')} />
        {models.length > 0 && (
          <Checkbox.Group label={words.models} description={words.modelsHint} {...form.getInputProps('models')}>
            <Group gap="md" mt="xs" mah={180} style={{ overflowY: 'auto' }}>
              {models.map((name) => <Checkbox key={name} value={name} label={name} />)}
            </Group>
          </Checkbox.Group>
        )}
        <BudgetFields form={form} models={models} />
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <TextInput type="datetime-local" label={words.expires} description={words.expiresHint} {...form.getInputProps('expires')} />
          <TextInput label={words.rpm} description={words.rpmHint} inputMode="numeric" {...form.getInputProps('rpm')} />
        </SimpleGrid>
        <TextInput label={words.allowIp} description={words.allowIpHint} placeholder="203.0.113.7, 2001:db8::/48" {...form.getInputProps('allow_ip')} />
        <Checkbox label={words.clamp} description={words.clampHint} {...form.getInputProps('clamp_explicit', { type: 'checkbox' })} />
        <Refusal text={saving.refused} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t.shell.cancel}</Button>
          <Button type="submit" loading={saving.isBusy}>{token ? t.shell.save : words.create}</Button>
        </Group>
      </Stack>
    </form>
  );
}
