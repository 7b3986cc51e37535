// The form of a token: a chunk of its own, fetched when the dialog opens.
import { Button, Checkbox, Group, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { ApiToken, NewKey } from '~/api/types';
import { useOfferedModels } from '~/data/accountData';
import { useSubmit } from '~/data/form';
import { useWords } from '~/i18n';
import { Refusal } from '~/ui/Refusal';
import { toastDone } from '~/ui/toast';
import { BudgetFields } from './BudgetFields';
import { useTokenCalls } from './changes';
import { ModelsField } from './ModelsField';
import { bodyOf, changesOf, checksOf, valuesOf } from './values';
import { words } from './words';

export interface TokenFormProps {
  /** Null creates one. */
  token: ApiToken | null;
  onClose: () => void;
  onMade: (key: NewKey) => void;
}

export default function TokenForm({ token, onClose, onMade }: TokenFormProps) {
  const t = useWords(words);
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
        <TextInput
          label={t.shell.name}
          description={t.nameHint}
          required
          autoFocus
          maxLength={64}
          {...form.getInputProps('name')}
        />
        {models.length > 0 && (
          <ModelsField
            offered={offered}
            chosen={form.values.models}
            input={form.getInputProps('models')}
            onChange={(chosen) => form.setFieldValue('models', chosen)}
          />
        )}
        <BudgetFields form={form} models={models.filter((name) => !name.includes('*'))} />
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <TextInput
            type="datetime-local"
            label={t.expires}
            description={t.expiresHint}
            {...form.getInputProps('expires')}
          />
          <TextInput
            label={t.rpm}
            description={t.rpmHint}
            inputMode="numeric"
            {...form.getInputProps('rpm')}
          />
        </SimpleGrid>
        <TextInput
          label={t.allowIp}
          description={t.allowIpHint}
          placeholder="203.0.113.7, 2001:db8::/48"
          {...form.getInputProps('allow_ip')}
        />
        <Checkbox
          label={t.clamp}
          description={t.clampHint}
          {...form.getInputProps('clamp_explicit', { type: 'checkbox' })}
        />
        <Refusal text={saving.refused} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t.shell.cancel}
          </Button>
          <Button type="submit" loading={saving.isBusy}>
            {token ? t.shell.save : t.create}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
