// Where one is signed in, and ending that.
import { Badge, Button, Group, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { Listed, SignedIn } from '~/api/types';
import { rowsOf } from '~/data/rows';
import { useWords } from '~/i18n';
import { useSite } from '~/shell/site';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastDone, toastRefused } from '~/ui/toast';
import { words } from './words';

const KEY = ['me', 'sessions'];

export function SessionsPanel() {
  const t = useWords(words);
  const queries = useQueryClient();
  const query = useQuery({
    queryKey: KEY,
    queryFn: () => call<Listed<SignedIn>>(api.GET('/api/me/sessions')),
  });
  const change = async (asked: Promise<string>) => {
    try {
      toastDone(await asked);
      await queries.invalidateQueries({ queryKey: KEY });
    } catch (reason) {
      toastRefused(reason);
    }
  };
  const end = async (session: string) => {
    await call(api.DELETE('/api/me/sessions/{session}', { params: { path: { session } } }));
    return t.sessionEnded;
  };
  const endOthers = async () => {
    const { ended } = await call<{ ended: number }>(api.POST('/api/me/sessions/end-others'));
    return t.sessionsEnded(ended);
  };
  const columns: Column<SignedIn>[] = [
    {
      id: 'agent',
      header: t.sessionDevice,
      cell: (row) => (
        <Group gap="xs">
          {deviceOf(row.agent)}
          {row.is_current && (
            <Badge color="green" variant="light">
              {t.sessionCurrent}
            </Badge>
          )}
        </Group>
      ),
    },
    { id: 'how', header: t.sessionHow, cell: (row) => <How session={row} /> },
    { id: 'address', header: t.sessionAddress, cell: (row) => row.address },
    { id: 'seen', header: t.sessionSeen, cell: (row) => <Time at={row.last_seen} show="ago" /> },
    { id: 'created', header: t.sessionCreated, cell: (row) => <Time at={row.created} /> },
    {
      id: 'end',
      header: '',
      isRight: true,
      cell: (row) =>
        row.is_current ? null : (
          <Button size="xs" variant="default" onClick={() => void change(end(row.id))}>
            {t.sessionEnd}
          </Button>
        ),
    },
  ];
  return (
    <DataTable
      isPlain
      name="sessions"
      label={t.sessions}
      columns={columns}
      data={rowsOf(query)}
      rowId={(row) => row.id}
      empty={<EmptyRows title={t.sessionsEmpty} />}
      toolbar={
        <Group gap="md">
          <Title order={2} size="h4">
            {t.sessions}
          </Title>
          <Button size="xs" variant="default" onClick={() => void change(endOthers())}>
            {t.sessionsEndOthers}
          </Button>
        </Group>
      }
    />
  );
}

function How({ session }: { session: SignedIn }) {
  const t = useWords(words);
  const { sign_in_services: services } = useSite();
  const { method, provider, has_second_factor: hasTwo } = session;
  const title = services.find(({ name }) => name === provider)?.title ?? provider;
  return (
    <span>
      {title ?? t.sessionMethods[method]}
      {hasTwo && ` · ${t.sessionTwo}`}
    </span>
  );
}

/** Browser and system of a User-Agent, as far as a person wants to know. */
export function deviceOf(agent: string): string {
  const browser = ['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari', 'curl'].find((name) =>
    agent.includes(`${name}/`),
  );
  const system = ['Windows', 'Android', 'iPhone', 'iPad', 'Mac OS X', 'Linux'].find((name) =>
    agent.includes(name),
  );
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera', 'Mac OS X': 'macOS' };
  const found = [browser, system]
    .filter((name) => name !== undefined)
    .map((name) => names[name] ?? name);
  return found.length > 0 ? found.join(' · ') : agent.slice(0, 60);
}
