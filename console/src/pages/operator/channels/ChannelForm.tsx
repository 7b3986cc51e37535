// One channel: where it leads, its key (write-only), and which public model is which there.
// Models can be ticked on the upstream's list; those that are not on offer yet get their
// prices here, and are added with the channel.
import { Button, Checkbox, Group, SimpleGrid, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { ChannelView, Listed, OperatorModel } from '~/api/types';
import { useSubmit } from '~/data/form';
import { useWords } from '~/i18n';
import { Refusal } from '~/ui/Refusal';
import { SecretField } from '~/ui/SecretField';
import { toastRefused } from '~/ui/toast';
import { Advanced } from './Advanced';
import { Keys } from './Keys';
import { LocalServers } from './LocalServers';
import { ModelPicker } from './ModelPicker';
import { readLines } from './modelLines';
import { PriceTable } from './PriceTable';
import { isPrice, type PriceList } from './priceList';
import { saveChannel, saveModels } from './save';
import { Vendors } from './Vendors';
import { type ChannelValues, keysOf, readCosts, valuesOf } from './values';
import { words } from './words';

export function ChannelForm({
  channel,
  onDone,
}: {
  channel: ChannelView | null;
  onDone: (channel: ChannelView) => void;
}) {
  const t = useWords(words);
  const [offered, setOffered] = useState<string[]>([]);
  const [prices, setPrices] = useState<PriceList>(new Map());
  const form = useForm<ChannelValues>({
    initialValues: valuesOf(channel),
    validate: {
      name: (value) => (value.trim() === '' ? t.shell.required : null),
      models: (value) => (readLines(value).length === 0 ? t.modelsNeeded : null),
      costs: (value) => (readCosts(value) === null ? t.notCosts : null),
    },
  });
  const models = readLines(form.values.models).map(({ model }) => model);
  const missing = useMissing(models);
  const isPriced = missing.every((model) => {
    const price = prices.get(model);
    return price && isPrice(price.input) && isPrice(price.output);
  });
  const saving = useSubmit(form, async (values) => {
    await saveModels(missing, prices);
    onDone(await saveChannel(values, channel));
  });
  const tick = (chosen: string[]) => {
    const kept = form.values.models
      .split('\n')
      .filter((line) => line.trim() !== '')
      .filter((line) => !offered.includes(line.trim()) || chosen.includes(line.trim()));
    const added = chosen.filter((model) => !models.includes(model));
    form.setFieldValue('models', [...kept, ...added].join('\n'));
  };
  return (
    <form onSubmit={form.onSubmit((values) => void saving.submit(values))}>
      <Stack>
        {channel === null && (
          <LocalServers
            onPick={(server) =>
              form.setValues({
                name: server.name,
                provider: 'openai',
                base_url: server.base_url,
                allow_private: true,
                models: server.models.join('\n'),
              })
            }
          />
        )}
        <Vendors form={form} />
        {channel !== null && <Keys channel={channel} />}
        <SecretField
          label={t.apiKey}
          autoComplete="off"
          description={channel === null ? t.apiKeyHint : t.apiKeyKept}
          {...form.getInputProps('api_keys')}
        />
        <Checkbox
          label={t.allowPrivate}
          description={t.allowPrivateHint}
          {...form.getInputProps('allow_private', { type: 'checkbox' })}
        />
        <Textarea
          label={t.models}
          description={t.modelsHint}
          autosize
          minRows={3}
          maxRows={12}
          {...form.getInputProps('models')}
        />
        <FetchModels channel={channel} values={form.values} onFound={setOffered} />
        {offered.length > 0 && <ModelPicker offered={offered} chosen={models} onChange={tick} />}
        {missing.length > 0 && <PriceTable models={missing} prices={prices} onChange={setPrices} />}
        <SimpleGrid cols={2}>
          <TextInput
            label={t.priority}
            description={t.priorityHint}
            inputMode="numeric"
            {...form.getInputProps('priority')}
          />
          <TextInput
            label={t.weight}
            description={t.weightHint}
            inputMode="numeric"
            {...form.getInputProps('weight')}
          />
        </SimpleGrid>
        <Advanced form={form} channel={channel} />
        <Refusal text={saving.refused ?? (isPriced ? null : t.pricesNeeded)} />
        <Group justify="flex-end">
          <Button type="submit" loading={saving.isBusy} disabled={!isPriced}>
            {missing.length > 0 ? t.addAndSave(missing.length) : t.saveAndTest}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Those of the models that are not on offer yet; none while that is not known. */
function useMissing(models: string[]): string[] {
  const query = useQuery({
    queryKey: ['operator', 'models'],
    queryFn: () => call<Listed<OperatorModel>>(api.GET('/api/operator/models')),
  });
  if (!query.data) return [];
  const known = new Set(query.data.items.map(({ name }) => name));
  return [...new Set(models)].filter((model) => !known.has(model));
}

function FetchModels(props: {
  channel: ChannelView | null;
  values: ChannelValues;
  onFound: (models: string[]) => void;
}) {
  const t = useWords(words);
  const [isAsking, setAsking] = useState(false);
  const fetchModels = async () => {
    const { provider, base_url, allow_private } = props.values;
    const [key = ''] = keysOf(props.values);
    setAsking(true);
    try {
      const body =
        props.channel !== null && key === ''
          ? { channel_id: props.channel.id }
          : { provider, base_url: base_url.trim(), api_key: key, allow_private };
      const found = await call<{ models: string[] }>(
        api.POST('/api/operator/channels/list-models', { body }),
      );
      props.onFound(found.models);
    } catch (reason) {
      toastRefused(reason);
    } finally {
      setAsking(false);
    }
  };
  return (
    <Group>
      <Button size="xs" variant="default" loading={isAsking} onClick={() => void fetchModels()}>
        {t.fetchModels}
      </Button>
    </Group>
  );
}
