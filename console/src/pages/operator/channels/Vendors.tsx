// Which vendor a channel is of: those that the server knows, with their addresses.
import { NativeSelect, SimpleGrid, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { Listed, Vendor } from '~/api/types';
import { useSpeaking, useWords } from '~/i18n';
import type { ChannelValues } from './values';
import { words } from './words';

/** A channel's name, its vendor and its address; a vendor's own address is filled in. */
export function Vendors({ form }: { form: UseFormReturnType<ChannelValues> }) {
  const t = useWords(words);
  const { language } = useSpeaking();
  const query = useQuery({
    queryKey: ['operator', 'vendors'],
    queryFn: () => call<Listed<Vendor>>(api.GET('/api/operator/vendors')),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const vendors = query.data?.items ?? [];
  const { provider } = form.values;
  const chosen = vendors.find(({ name }) => name === provider);
  const choices = vendors.map((each) => ({
    value: each.name,
    label: language === 'zh' ? each.title_zh : each.title_en,
  }));
  if (!chosen) choices.unshift({ value: provider, label: provider });
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <TextInput label={t.shell.name} data-autofocus {...form.getInputProps('name')} />
        <NativeSelect
          label={t.provider}
          data={choices}
          {...form.getInputProps('provider')}
          onChange={(event) => {
            const name = event.currentTarget.value;
            const found = vendors.find((each) => each.name === name);
            form.setValues({ provider: name, base_url: found?.base_url ?? '' });
          }}
        />
      </SimpleGrid>
      <TextInput
        label={t.baseUrl}
        description={t.baseUrlHint}
        placeholder={chosen?.base_url_example}
        {...form.getInputProps('base_url')}
      />
    </>
  );
}
