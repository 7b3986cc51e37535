// Which models a token may use: ticked in a list that is searched, or meant by a pattern in
// which `*` is any text, such as `gpt-4*`. Nothing chosen is every model.
import { Button, Checkbox, Group, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useWords } from '~/i18n';
import { words } from './words';

export function ModelsField(props: {
  offered: string[];
  chosen: string[];
  input: { error?: unknown };
  onChange: (chosen: string[]) => void;
}) {
  const t = useWords(words);
  const [text, setText] = useState('');
  const { chosen, onChange } = props;
  const wanted = text.trim();
  const all = [...new Set([...chosen, ...props.offered])];
  const part = wanted.replaceAll('*', '').toLowerCase();
  const shown = all.filter((name) => chosen.includes(name) || name.toLowerCase().includes(part));
  const isPattern = wanted.includes('*') && !chosen.includes(wanted);
  const add = () => {
    if (!isPattern) return;
    onChange([...chosen, wanted]);
    setText('');
  };
  return (
    <Checkbox.Group
      label={t.models}
      description={t.modelsHint}
      error={typeof props.input.error === 'string' ? props.input.error : undefined}
      value={chosen}
      onChange={onChange}
    >
      <Stack gap="xs" mt="xs">
        <Group gap="xs" wrap="nowrap">
          <TextInput
            data-no-guard
            style={{ flex: 1 }}
            size="xs"
            aria-label={t.findModels}
            placeholder={t.findModels}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return;
              event.preventDefault();
              add();
            }}
          />
          {isPattern && (
            <Button size="xs" variant="default" onClick={add}>
              {t.addPattern(wanted)}
            </Button>
          )}
        </Group>
        <Group gap="md" mah={180} style={{ overflowY: 'auto' }}>
          {shown.map((name) => (
            <Checkbox key={name} value={name} label={name} />
          ))}
        </Group>
      </Stack>
    </Checkbox.Group>
  );
}
