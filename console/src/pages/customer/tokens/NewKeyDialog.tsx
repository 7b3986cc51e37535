// Shows a new key, this once, with what to do next: code that runs as it is, and the way
// into the applications that people use. It closes only by its own button, so that a key
// is not lost to a stray click.
import { Button, Group, Stack, Title } from '@mantine/core';
import { useEffect } from 'react';
import type { NewKey } from '~/api/types';
import { useOfferedModels } from '~/data/accountData';
import { firstCall, snippetsOf } from '~/format/snippets';
import { useWords } from '~/i18n';
import { useSite } from '~/shell/site';
import { Modal } from '~/ui/dialogs';
import { ShowOnce } from '~/ui/ShowOnce';
import { Snippets } from '~/ui/Snippets';
import { Applications } from './Applications';
import { words } from './words';

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
  const t = useWords(words);
  useAnswerDocs(made?.key);
  const { api_url: apiUrl } = useSite();
  const models = useOfferedModels().data?.items ?? [];
  const model = (models.find((one) => one.is_available) ?? models[0])?.name ?? 'gpt-3.5-turbo';
  return (
    <Modal
      opened={made !== null}
      onClose={onClose}
      title={t.madeTitle}
      size="lg"
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      {made && (
        <Stack>
          <ShowOnce secret={made.key} label={t.key} />
          <Title order={3} size="h5">
            {t.tryCode}
          </Title>
          <Snippets snippets={snippetsOf(firstCall(apiUrl, made.key, model, t.hello))} />
          <Title order={3} size="h5">
            {t.applications}
          </Title>
          <Applications secret={made.key} model={model} />
          <Group justify="flex-end">
            <Button onClick={onClose}>{t.iHaveIt}</Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
