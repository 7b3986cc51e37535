// What needs somebody: stopped accounts, paused channels, books that disagree, errors, rejections. Nothing to do
// is said in one line.
import { Badge, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Home } from '~/api/types';
import { useWords } from '~/i18n';
import { Count } from '~/ui/Count';
import { Icon } from '~/ui/Icon';
import { Panel } from '~/ui/Panel';
import { RouterLink } from '~/ui/RouterLink';
import { Time } from '~/ui/Time';
import { words } from './words';

const SHOWN_MAX = 8;

interface Matter {
  key: string;
  color: 'red' | 'yellow' | 'gray';
  text: ReactNode;
  to: string;
  search?: Record<string, string>;
}

export function Attention({ home }: { home: Home }) {
  const t = useWords(words);
  const matters = useMatters(home);
  return (
    <Panel title={t.attention} actions={<Books home={home} />}>
      {matters.length === 0 ? (
        <Group gap="xs">
          <Icon name="check" />
          <Text>{t.nothingToDo}</Text>
        </Group>
      ) : (
        <Stack gap={6}>
          {matters.map((matter) => (
            <Group key={matter.key} gap="sm" wrap="nowrap">
              <Badge color={matter.color} variant="light" w={10} h={10} p={0} aria-hidden="true" />
              <RouterLink to={matter.to} search={matter.search as never}>
                {matter.text}
              </RouterLink>
            </Group>
          ))}
        </Stack>
      )}
    </Panel>
  );
}

function useMatters(home: Home): Matter[] {
  const t = useWords(words);
  const matters: Matter[] = [];
  if (home.verified.ok === false)
    matters.push({
      key: 'books',
      color: 'red',
      text: t.problems(home.verified.problems),
      to: '/operator/ledger',
    });
  for (const one of home.stopped)
    matters.push({
      key: `stopped ${one.id} ${one.model}`,
      color: 'red',
      text: t.accountStopped(one.name, one.model),
      to: `/operator/accounts/${one.id}`,
    });
  for (const channel of home.channels.filter((one) => one.is_enabled && one.health === 'open'))
    matters.push({
      key: `open ${channel.id}`,
      color: 'red',
      text: t.channelPaused(channel.name),
      to: '/operator/channels',
      search: { search: channel.name },
    });
  for (const channel of home.channels.filter((one) => one.errors_hour > 0))
    matters.push({
      key: `errors ${channel.id}`,
      color: 'yellow',
      text: t.channelErrors(channel.name, channel.errors_hour, channel.requests_hour),
      to: '/operator/requests',
      search: { channel: channel.name, errors: 'true', range: 'd1' },
    });
  const refused = Object.entries(home.refused).sort((a, b) => b[1] - a[1]);
  for (const [code, times] of refused)
    matters.push({
      key: `refused ${code}`,
      color: 'gray',
      text: (
        <>
          <span className="y-mono">{code}</span> · <Count value={times} /> {t.sinceStart}
        </>
      ),
      to: '/operator/requests',
      search: { code },
    });
  return matters.slice(0, SHOWN_MAX);
}

function Books({ home }: { home: Home }) {
  const t = useWords(words);
  return (
    <Text size="sm" c="dimmed">
      <RouterLink to="/operator/ledger" underline="always">
        {t.verified}
      </RouterLink>
      {t.colon}
      {home.verified.at === null ? (
        t.neverVerified
      ) : (
        <>
          {home.verified.ok ? t.booksAgree : t.problems(home.verified.problems)}{' '}
          <Time at={home.verified.at} show="ago" />
        </>
      )}
    </Text>
  );
}
