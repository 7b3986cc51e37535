// Makes one; the code is shown this once, and as the address that has it filled in.
import { Button, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { MadeSignUpCode } from '~/api/types';
import { useSubmit } from '~/data/form';
import { microsOf } from '~/format/format';
import { useWords } from '~/i18n';
import { useCurrency } from '~/shell/site';
import { Refusal } from '~/ui/Refusal';
import { ShowOnce } from '~/ui/ShowOnce';
import { words } from './words';

export function NewSignUpCode({ onMade }: { onMade: () => void }) {
  const t = useWords(words);
  const { symbol } = useCurrency();
  const [code, setCode] = useState<string | null>(null);
  const form = useForm({
    initialValues: { name: '', uses: '1', gift: '', expires: '' },
    validate: {
      name: (value) => (value.trim() === '' ? t.shell.required : null),
      uses: (value) => (/^[1-9]\d{0,5}$/.test(value) ? null : t.notACount),
      gift: (value) => (value === '' || microsOf(value) !== null ? null : t.shell.notAnAmount),
    },
  });
  const making = useSubmit(form, async (values) => {
    const body = {
      name: values.name.trim(),
      uses: Number(values.uses),
      gift: values.gift === '' ? null : microsOf(values.gift),
      expires: values.expires === '' ? null : values.expires,
    };
    const made = await call<MadeSignUpCode>(api.POST('/api/operator/sign-up-codes', { body }));
    setCode(made.code);
    onMade();
  });
  if (code !== null)
    return (
      <ShowOnce secret={code} label={t.code}>
        <Text size="sm">{t.codeText}</Text>
      </ShowOnce>
    );
  return (
    <form onSubmit={form.onSubmit((values) => void making.submit(values))}>
      <Stack>
        <TextInput
          label={t.shell.name}
          description={t.nameHint}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <TextInput label={t.uses} inputMode="numeric" {...form.getInputProps('uses')} />
          <TextInput
            label={`${t.gift} (${symbol})`}
            description={t.giftHint}
            inputMode="decimal"
            {...form.getInputProps('gift')}
          />
          <TextInput
            type="date"
            label={t.expires}
            description={t.expiresHint}
            {...form.getInputProps('expires')}
          />
        </SimpleGrid>
        <Refusal text={making.refused} />
        <Group justify="flex-end">
          <Button type="submit" loading={making.isBusy}>
            {t.make}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
