// The same call in several languages, one at a time; the choice is kept in this browser.
import { Code, Group, SegmentedControl, Stack } from '@mantine/core';
import { useState } from 'react';
import type { Snippet } from '~/format/snippets';
import { useTexts } from '~/i18n';
import { CopyButton } from './CopyButton';

const KEPT_AS = 'yiyuan.snippet';

export function Snippets({ snippets }: { snippets: Snippet[] }) {
  const t = useTexts();
  const [chosen, setChosen] = useState(() => localStorage.getItem(KEPT_AS) ?? 'curl');
  const shown = snippets.find((snippet) => snippet.id === chosen) ?? snippets[0];
  if (!shown) return null;
  const choose = (id: string) => {
    localStorage.setItem(KEPT_AS, id);
    setChosen(id);
  };
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <SegmentedControl
          size="xs"
          aria-label={t.shell.codeLanguage}
          value={shown.id}
          onChange={choose}
          data={snippets.map(({ id, label }) => ({ value: id, label }))}
        />
        <CopyButton value={shown.code} label={`${t.shell.copy}: ${shown.label}`} />
      </Group>
      <Code
        block
        tabIndex={0}
        role="group"
        aria-label={shown.label}
        style={{ maxHeight: 320, overflow: 'auto' }}
      >
        {shown.code}
      </Code>
    </Stack>
  );
}
