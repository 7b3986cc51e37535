// The new key, ready for the application that somebody uses.
import { Anchor, Button, Code, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { appsFor } from '~/format/apps';
import { useSpeaking, useWords } from '~/i18n';
import { useSite } from '~/shell/site';
import { CopyButton } from '~/ui/CopyButton';
import { words } from './words';

const KEPT_AS = 'yiyuan.app';

export function Applications({ secret, model }: { secret: string; model: string }) {
  const t = useWords(words);
  const { language } = useSpeaking();
  const site = useSite();
  const [chosen, setChosen] = useState(() => localStorage.getItem(KEPT_AS) ?? 'claude-code');
  const apps = appsFor({
    apiUrl: site.api_url,
    key: secret,
    model,
    nextChatUrl: site.nextchat_url,
  });
  const app = apps.find(({ id }) => id === chosen) ?? apps[0];
  const choose = (id: string) => {
    localStorage.setItem(KEPT_AS, id);
    setChosen(id);
  };
  if (!app) return null;
  return (
    <Stack gap="xs">
      <Group gap="sm" align="flex-end">
        <NativeSelect
          label={t.application}
          value={app.id}
          data={apps.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(event) => choose(event.currentTarget.value)}
        />
        {app.link && (
          <Button component="a" variant="default" target="_blank" rel="noreferrer" href={app.link}>
            {t.openIn(app.name)}
          </Button>
        )}
        {app.code && <CopyButton value={app.code} label={`${t.shell.copy}: ${app.name}`} />}
        <Anchor href={`${site.docs_url}${language}/ai-apps`} target="_blank" rel="noreferrer">
          {t.moreApplications}
        </Anchor>
      </Group>
      {app.code && (
        <Code block tabIndex={0} role="group" aria-label={app.name} className="y-mono">
          {app.code}
        </Code>
      )}
      {app.link && (
        <Text size="sm" c="dimmed">
          {t.linkHint}
        </Text>
      )}
    </Stack>
  );
}
