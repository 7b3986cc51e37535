// One model: its limits, its price, and from when on the price is to hold.
import { Button, Checkbox, Group, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api, call } from '~/api/client';
import type { OperatorModel } from '~/api/types';
import { useSubmit } from '~/data/form';
import { useWords } from '~/i18n';
import { useMay } from '~/shell/may';
import { useCurrency } from '~/shell/site';
import { Refusal } from '~/ui/Refusal';
import { Advanced } from './Advanced';
import { LIMITS, METERS, type ModelValues, settingsOf, valuesOf } from './values';
import { words } from './words';

const DECIMAL = /^\d{1,9}(\.\d{1,6})?$/;

export function ModelForm({
  model,
  onDone,
}: {
  model: OperatorModel | null;
  onDone: (name: string) => void;
}) {
  const t = useWords(words);
  const { symbol } = useCurrency();
  const isOwner = useMay('owner');
  const before = (model?.price ?? {}) as Record<string, unknown>;
  const form = useForm<ModelValues>({
    initialValues: valuesOf(model),
    validate: {
      name: (value) => (value.trim() === '' ? t.shell.required : null),
      input: (value) => (DECIMAL.test(value) ? null : t.notAPrice),
      cached_input: (value) => (value === '' || DECIMAL.test(value) ? null : t.notAPrice),
      output: (value) => (DECIMAL.test(value) ? null : t.notAPrice),
      ...Object.fromEntries(
        LIMITS.map((name) => [
          name,
          (value: string) => (/^\d*$/.test(value) ? null : t.notANumber),
        ]),
      ),
    },
  });
  const saving = useSubmit(form, async (values) => {
    const price: Record<string, unknown> = { ...before };
    for (const meter of METERS) {
      if (values[meter] === '') delete price[meter];
      else price[meter] = values[meter];
    }
    const isChanged = JSON.stringify(price) !== JSON.stringify(before);
    const body = {
      ...(isOwner ? settingsOf(values) : {}),
      ...(isChanged || model === null ? { price } : {}),
      ...(values.effective_at && isChanged
        ? { effective_at: new Date(values.effective_at).toISOString() }
        : {}),
    };
    const name = values.name.trim();
    await call(
      api.PUT('/api/operator/models/{model}', { params: { path: { model: name } }, body }),
    );
    onDone(name);
  });
  return (
    <form onSubmit={form.onSubmit((values) => void saving.submit(values))}>
      <Stack>
        <TextInput
          label={t.model}
          disabled={model !== null}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <SimpleGrid cols={{ base: 1, xs: 3 }}>
          {METERS.map((meter) => (
            <TextInput
              key={meter}
              label={`${t.meters[meter]} (${symbol})`}
              description={t.perMillion}
              inputMode="decimal"
              {...form.getInputProps(meter)}
            />
          ))}
        </SimpleGrid>
        {model !== null && (
          <TextInput
            type="datetime-local"
            label={t.effective}
            description={t.effectiveHint}
            {...form.getInputProps('effective_at')}
          />
        )}
        {isOwner && (
          <>
            <SimpleGrid cols={{ base: 2, xs: 3 }}>
              {LIMITS.map((name) => (
                <TextInput
                  key={name}
                  label={t.limits[name]}
                  inputMode="numeric"
                  {...form.getInputProps(name)}
                />
              ))}
            </SimpleGrid>
            <Advanced form={form} />
            <Checkbox
              label={t.enabled}
              {...form.getInputProps('is_enabled', { type: 'checkbox' })}
            />
          </>
        )}
        <Refusal text={saving.refused} />
        <Group justify="flex-end">
          <Button type="submit" loading={saving.isBusy}>
            {t.shell.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
