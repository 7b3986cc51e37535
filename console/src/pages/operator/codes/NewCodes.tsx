// Makes a batch; the codes are shown this once, to copy or to keep as a file.
import { Button, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import { useSubmit } from '~/data/form';
import { microsOf } from '~/format/format';
import { useWords } from '~/i18n';
import { useCurrency } from '~/shell/site';
import { Icon } from '~/ui/Icon';
import { Refusal } from '~/ui/Refusal';
import { ShowOnce } from '~/ui/ShowOnce';
import { words } from './words';

export function NewCodes({ onMade }: { onMade: () => void }) {
  const t = useWords(words);
  const { symbol } = useCurrency();
  const queries = useQueryClient();
  const [codes, setCodes] = useState<string[] | null>(null);
  const whole = (value: string) => (/^[1-9]\d{0,4}$/.test(value) ? null : t.notACount);
  const form = useForm({
    initialValues: { name: '', value: '', count: '10', per_account: '', expires: '' },
    validate: {
      name: (value) => (value.trim() === '' ? t.shell.required : null),
      value: (value) => ((microsOf(value) ?? 0) > 0 ? null : t.shell.notAnAmount),
      count: whole,
      per_account: (value) => (value === '' ? null : whole(value)),
    },
  });
  const making = useSubmit(form, async (values) => {
    const body = {
      name: values.name.trim(),
      value: microsOf(values.value) ?? 0,
      count: Number(values.count),
      per_account: values.per_account === '' ? null : Number(values.per_account),
      expires: values.expires === '' ? null : values.expires,
    };
    setCodes((await call<{ codes: string[] }>(api.POST('/api/operator/codes', { body }))).codes);
    onMade();
    await queries.invalidateQueries({ queryKey: ['operator', 'codes'] });
  });
  if (codes !== null) return <Made codes={codes} name={form.values.name} />;
  return (
    <form onSubmit={form.onSubmit((values) => void making.submit(values))}>
      <Stack>
        <TextInput label={t.shell.name} data-autofocus {...form.getInputProps('name')} />
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <TextInput
            label={`${t.value} (${symbol})`}
            inputMode="decimal"
            {...form.getInputProps('value')}
          />
          <TextInput label={t.count} inputMode="numeric" {...form.getInputProps('count')} />
          <TextInput
            label={t.perAccount}
            description={t.perAccountHint}
            inputMode="numeric"
            {...form.getInputProps('per_account')}
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

function Made({ codes, name }: { codes: string[]; name: string }) {
  const t = useWords(words);
  const text = codes.join('\n');
  const file = `data:text/csv;charset=utf-8,${encodeURIComponent(`code\n${text}\n`)}`;
  if (codes.length === 1) return <ShowOnce secret={text} label={t.codes} warning={t.shownOnce} />;
  return (
    <ShowOnce secret={text} label={t.codes} warning={t.shownOnce}>
      <Group>
        <Button
          component="a"
          href={file}
          download={`${name}.csv`}
          variant="default"
          leftSection={<Icon name="download" size={15} />}
        >
          CSV
        </Button>
        <Text size="sm" c="dimmed">
          {t.made(codes.length)}
        </Text>
      </Group>
    </ShowOnce>
  );
}
