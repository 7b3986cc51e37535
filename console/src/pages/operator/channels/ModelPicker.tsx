// The upstream's own list of models, to tick: all at once, or those that match a text.
import { Box, Button, Checkbox, Group, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useWords } from '~/i18n';
import { words } from './words';

export function ModelPicker(props: {
  offered: string[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
}) {
  const t = useWords(words);
  const [search, setSearch] = useState('');
  const { offered, chosen, onChange } = props;
  const shown = offered.filter((model) => model.toLowerCase().includes(search.toLowerCase()));
  const missing = shown.filter((model) => !chosen.includes(model));
  const toggle = (model: string, isOn: boolean) =>
    onChange(isOn ? [...chosen, model] : chosen.filter((one) => one !== model));
  return (
    <Stack gap="xs" role="group" aria-label={t.pickModels}>
      <Group gap="xs">
        <TextInput
          size="xs"
          aria-label={t.filterModels}
          placeholder={t.filterModels}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Button
          size="xs"
          variant="default"
          disabled={missing.length === 0}
          onClick={() => onChange([...chosen, ...missing])}
        >
          {t.tickAll(shown.length)}
        </Button>
      </Group>
      <Box mah={220} style={{ overflowY: 'auto' }}>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" verticalSpacing={6}>
          {shown.map((model) => (
            <Checkbox
              key={model}
              size="xs"
              label={model}
              checked={chosen.includes(model)}
              onChange={(event) => toggle(model, event.currentTarget.checked)}
            />
          ))}
        </SimpleGrid>
      </Box>
    </Stack>
  );
}
