// One channel: where it leads, its key (write-only), and which public model is which there.
// Models can be fetched from the upstream; servers found on the machine are offered.
import { Button, Checkbox, Group, NativeSelect, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { ChannelView } from '~/api/types';
import { useSubmit } from '~/app/form';
import { useTexts } from '~/i18n';
import { Refusal } from '~/ui/Refusal';
import { SecretField } from '~/ui/SecretField';
import { toastRefused } from '~/ui/toast';
import { LocalServers } from './LocalServers';
import { linesOf, readLines } from './modelLines';

const BASES: Record<string, string> = { openai: 'https://api.openai.com/v1', anthropic: 'https://api.anthropic.com', demo: '' };

export function ChannelForm({ channel, onDone }: { channel: ChannelView | null; onDone: (channel: ChannelView) => void }) {
  const texts = useTexts();
  const t = texts.channels;
  const [offered, setOffered] = useState<string[]>([]);
  const [isAsking, setAsking] = useState(false);
  const form = useForm({
    initialValues: {
      name: channel?.name ?? '',
      provider: channel?.provider ?? 'openai',
      base_url: channel?.base_url ?? BASES.openai ?? '',
      api_keys: '',
      models: linesOf(channel),
      priority: String(channel?.priority ?? 0),
      weight: String(channel?.weight ?? 1),
      allow_private: channel?.allow_private ?? false,
    },
    validate: {
      name: (value) => (value.trim() === '' ? texts.shell.required : null),
      models: (value) => (readLines(value).length === 0 ? t.modelsNeeded : null),
    },
  });
  const keys = () => form.values.api_keys.split(/\s+/).filter((key) => key !== '');
  const saving = useSubmit(form, async (values) => {
    const body = {
      provider: values.provider,
      base_url: values.base_url.trim(),
      models: readLines(values.models).map((link) => ({
        ...link,
        native_completions: channel?.models.find((model) => model.model === link.model)?.native_completions ?? false,
        cost: channel?.models.find((model) => model.model === link.model)?.cost ?? null,
      })),
      priority: Number(values.priority),
      weight: Number(values.weight),
      allow_private: values.allow_private,
      ...(keys().length > 0 ? { api_keys: keys() } : {}),
    };
    onDone(channel === null
      ? await call<ChannelView>(api.POST('/api/operator/channels', { body: { ...body, name: values.name.trim() } }))
      : await call<ChannelView>(api.PATCH('/api/operator/channels/{channel}', { params: { path: { channel: channel.id } }, body })));
  });
  const fetchModels = async () => {
    const { provider, base_url, allow_private } = form.values;
    setAsking(true);
    try {
      const body = channel !== null && keys().length === 0
        ? { channel_id: channel.id }
        : { provider, base_url: base_url.trim(), api_key: keys()[0] ?? '', allow_private };
      setOffered((await call<{ models: string[] }>(api.POST('/api/operator/channels/list-models', { body }))).models);
    } catch (reason) {
      toastRefused(reason);
    } finally {
      setAsking(false);
    }
  };
  const pick = (model: string) => form.setFieldValue('models', `${form.values.models.trimEnd()}\n${model}`.trimStart());
  return (
    <form onSubmit={form.onSubmit((values) => void saving.submit(values))}>
      <Stack>
        {channel === null && <LocalServers onPick={(server) => form.setValues({
          name: server.name, provider: 'openai', base_url: server.base_url, allow_private: true, models: server.models.join('\n'),
        })} />}
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <TextInput label={texts.shell.name} disabled={channel !== null} data-autofocus {...form.getInputProps('name')} />
          <NativeSelect label={t.provider} data={Object.keys(BASES)} {...form.getInputProps('provider')}
            onChange={(event) => form.setValues({ provider: event.currentTarget.value, base_url: BASES[event.currentTarget.value] ?? '' })} />
        </SimpleGrid>
        <TextInput label={t.baseUrl} description={t.baseUrlHint} {...form.getInputProps('base_url')} />
        <SecretField label={t.apiKey} autoComplete="off" description={channel === null ? t.apiKeyHint : t.apiKeyKept} {...form.getInputProps('api_keys')} />
        <Checkbox label={t.allowPrivate} description={t.allowPrivateHint} {...form.getInputProps('allow_private', { type: 'checkbox' })} />
        <Textarea label={t.models} description={t.modelsHint} autosize minRows={3} {...form.getInputProps('models')} />
        <Group gap="xs">
          <Button size="xs" variant="default" loading={isAsking} onClick={() => void fetchModels()}>{t.fetchModels}</Button>
          {offered.length > 0 && <Text size="sm" c="dimmed">{t.pickModels}</Text>}
        </Group>
        {offered.length > 0 && (
          <Group gap={6} mah={160} style={{ overflowY: 'auto' }}>
            {offered.map((model) => <Button key={model} size="compact-xs" variant="light" onClick={() => pick(model)}>{model}</Button>)}
          </Group>
        )}
        <SimpleGrid cols={2}>
          <TextInput label={t.priority} description={t.priorityHint} inputMode="numeric" {...form.getInputProps('priority')} />
          <TextInput label={t.weight} description={t.weightHint} inputMode="numeric" {...form.getInputProps('weight')} />
        </SimpleGrid>
        <Refusal text={saving.refused} />
        <Group justify="flex-end"><Button type="submit" loading={saving.isBusy}>{t.saveAndTest}</Button></Group>
      </Stack>
    </form>
  );
}
