// Fields of a model that most of them never need: who may answer instead, and what is told of it.
import { Accordion, NativeSelect, SimpleGrid, Stack, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useWords } from '~/i18n';
import type { ModelValues } from './values';
import { words } from './words';

export function Advanced({ form }: { form: UseFormReturnType<ModelValues> }) {
  const t = useWords(words);
  return (
    <Accordion variant="contained">
      <Accordion.Item value="advanced">
        <Accordion.Control>{t.advanced}</Accordion.Control>
        <Accordion.Panel>
          <Stack>
            <TextInput
              label={t.fallback}
              description={t.fallbackHint}
              {...form.getInputProps('fallback')}
            />
            <NativeSelect
              label={t.affinity}
              description={t.affinityHint}
              data={[
                { value: 'auto', label: t.affinities.auto },
                { value: 'off', label: t.affinities.off },
              ]}
              {...form.getInputProps('affinity')}
            />
            <SimpleGrid cols={{ base: 1, xs: 2 }}>
              <TextInput
                label={t.modalities}
                description="text, image, audio, video, file"
                {...form.getInputProps('modalities')}
              />
              <TextInput
                label={t.supports}
                description="tools, json_schema, reasoning, caching"
                {...form.getInputProps('supports')}
              />
            </SimpleGrid>
            <TextInput
              type="date"
              label={t.shutdownDate}
              description={t.shutdownDateHint}
              {...form.getInputProps('shutdown_date')}
            />
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}
