// Model servers that run on this machine, such as Ollama: one click fills the form.
import { Alert, Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import { useWords } from '~/i18n';
import { words } from './words';

export interface LocalServer {
  name: string;
  base_url: string;
  models: string[];
}

export function LocalServers({ onPick }: { onPick: (server: LocalServer) => void }) {
  const t = useWords(words);
  const query = useQuery({
    queryKey: ['operator', 'local-servers'],
    queryFn: () => call<{ items: LocalServer[] }>(api.GET('/api/operator/local-servers')),
    retry: false,
  });
  const servers = query.data?.items ?? [];
  if (servers.length === 0) return null;
  return (
    <Alert title={t.foundHere}>
      {servers.map((server) => (
        <Group key={server.base_url} justify="space-between">
          <Text size="sm">
            {server.name} · <span className="y-mono">{server.base_url}</span> ·{' '}
            {server.models.join(', ')}
          </Text>
          <Button size="xs" variant="default" onClick={() => onPick(server)}>
            {t.use}
          </Button>
        </Group>
      ))}
    </Alert>
  );
}
