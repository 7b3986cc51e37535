// Creates a token, or changes one. Only the name is required; the rest narrows what the
// token may do.
import { Button, Group, Modal, MultiSelect, SimpleGrid, Stack, Switch, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { ApiToken, NewKey } from '~/api/types';
import { useOfferedModels } from '~/app/account_data';
import { useSubmit } from '~/app/form';
import { useTexts } from '~/i18n';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { Refusal } from '~/ui/Refusal';
import { toastDone } from '~/ui/toast';
import { BudgetFields } from './BudgetFields';
import { useTokenCalls } from './changes';
import { bodyOf, changesOf, checksOf, valuesOf } from './values';

interface TokenDialogProps {
  isOpen: boolean;
  /** Null creates one. */
  token: ApiToken | null;
  onClose: () => void;
  onMade: (key: NewKey) => void;
}

export function TokenDialog(props: TokenDialogProps) {
  const t = useTexts().tokens;
  const title = props.token ? t.editTitle(props.token.name) : t.create;
  return (
    <Modal opened={props.isOpen} onClose={props.onClose} title={title} size="lg" closeButtonProps={useCloseLabel()}>
      <TokenForm {...props} />
    </Modal>
  );
}

function TokenForm({ token, onClose, onMade }: TokenDialogProps) {
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
        <TextInput label={t.shell.name} description={words.nameHint} required data-autofocus maxLength={64} {...form.getInputProps('name')} />
        <MultiSelect label={words.models} description={words.modelsHint} data={models} searchable
          placeholder={form.values.models.length === 0 ? words.allModels : undefined} {...form.getInputProps('models')} />
        <BudgetFields form={form} models={models} />
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <TextInput type="datetime-local" label={words.expires} description={words.expiresHint} {...form.getInputProps('expires')} />
          <TextInput label={words.rpm} description={words.rpmHint} inputMode="numeric" {...form.getInputProps('rpm')} />
        </SimpleGrid>
        <TagsInput label={words.allowIp} description={words.allowIpHint} splitChars={[',', ' ', '，']}
          placeholder={form.values.allow_ip.length === 0 ? '203.0.113.7, 2001:db8::/48' : undefined} {...form.getInputProps('allow_ip')} />
        <Switch label={words.clamp} description={words.clampHint} {...form.getInputProps('clamp_explicit', { type: 'checkbox' })} />
        <Refusal text={saving.refused} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t.shell.cancel}</Button>
          <Button type="submit" loading={saving.isBusy}>{token ? t.shell.save : words.create}</Button>
        </Group>
      </Stack>
    </form>
  );
}
