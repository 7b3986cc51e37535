// Shows a new key, this once, with what to do next: code that runs as it is, and the way
// into the applications that people use. It closes only by its own button, so that a key
// is not lost to a stray click.
import { Anchor, Button, Group, Modal, Stack, Text, Title } from '@mantine/core';
import { useEffect } from 'react';
import type { NewKey } from '~/api/types';
import { useOfferedModels } from '~/app/account_data';
import { useSite } from '~/app/site';
import { firstCall, snippetsOf } from '~/app/snippets';
import { useSpeaking, useTexts } from '~/i18n';
import { ShowOnce } from '~/ui/ShowOnce';
import { Snippets } from '~/ui/Snippets';

/** While the key is shown, pages of the documentation in other tabs may ask for it. */
function useAnswerDocs(key: string | undefined): void {
  useEffect(() => {
    if (key === undefined) return undefined;
    const channel = new BroadcastChannel('yiyuan.new-key');
    channel.onmessage = (asked) => {
      if (asked.data === 'ask') channel.postMessage({ key });
    };
    return () => channel.close();
  }, [key]);
}

export function NewKeyDialog({ made, onClose }: { made: NewKey | null; onClose: () => void }) {
  const t = useTexts();
  useAnswerDocs(made?.key);
  return (
    <Modal opened={made !== null} onClose={onClose} title={t.tokens.madeTitle} size="lg"
      closeOnClickOutside={false} closeOnEscape={false} withCloseButton={false}>
      {made && (
        <Stack>
          <ShowOnce secret={made.key} label={t.tokens.key} />
          <Title order={3} size="h5">{t.tokens.tryCode}</Title>
          <FirstCall secret={made.key} />
          <Title order={3} size="h5">{t.tokens.applications}</Title>
          <Applications secret={made.key} />
          <Group justify="flex-end"><Button onClick={onClose}>{t.tokens.iHaveIt}</Button></Group>
        </Stack>
      )}
    </Modal>
  );
}

function FirstCall({ secret }: { secret: string }) {
  const t = useTexts().tokens;
  const { api_url: apiUrl } = useSite();
  const models = useOfferedModels().data?.items ?? [];
  const model = (models.find((one) => one.is_available) ?? models[0])?.name ?? 'gpt-3.5-turbo';
  return <Snippets snippets={snippetsOf(firstCall(apiUrl, secret, model, t.hello))} />;
}

function Applications({ secret }: { secret: string }) {
  const { language, t } = useSpeaking();
  const site = useSite();
  const settings = encodeURIComponent(JSON.stringify({ key: secret, url: site.api_url }));
  const page = (name: string) => `${site.docs_url}${language}/ai-apps/${name}`;
  return (
    <Stack gap="xs">
      <Group gap="md">
        {site.nextchat_url && (
          <Button component="a" variant="default" target="_blank" rel="noreferrer"
            href={`${site.nextchat_url.replace(/\/+$/, '')}/#/?settings=${settings}`}>
            {t.tokens.openNextChat}
          </Button>
        )}
        <Anchor href={page('cline')} target="_blank" rel="noreferrer">Cline</Anchor>
        <Anchor href={page('open-webui')} target="_blank" rel="noreferrer">Open WebUI</Anchor>
        <Anchor href={`${site.docs_url}${language}/ai-apps`} target="_blank" rel="noreferrer">{t.tokens.moreApplications}</Anchor>
      </Group>
      {site.nextchat_url && <Text size="sm" c="dimmed">{t.tokens.nextChatHint}</Text>}
    </Stack>
  );
}
