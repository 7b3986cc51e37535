// How a channel did in the last day: errors and p95 by the hour, its last error.
import { Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { ChannelHistory, ChannelView, Listed } from '~/api/types';
import { milliseconds } from '~/format/format';
import { useWords } from '~/i18n';
import { RouterLink } from '~/ui/RouterLink';
import { Sparkline } from '~/ui/Sparkline';
import { Time } from '~/ui/Time';
import { words } from './words';

const LINE_PX = 72;

/** The last 24 hours of all channels by their ids; null while they are fetched. */
export function useHistories(): Map<string, ChannelHistory> | null {
  const query = useQuery({
    queryKey: ['operator', 'channels', 'history'],
    queryFn: () => call<Listed<ChannelHistory>>(api.GET('/api/operator/channels-history')),
    staleTime: 60_000,
  });
  return query.data ? new Map(query.data.items.map((each) => [each.id, each])) : null;
}

export function Day({ day }: { day: ChannelHistory | undefined }) {
  const t = useWords(words);
  const slowest = Math.max(0, ...(day?.hours ?? []).map((hour) => hour.p95_ms ?? 0));
  const errors = (day?.hours ?? []).reduce((sum, hour) => sum + hour.errors, 0);
  if (!day?.hours.some((hour) => hour.requests > 0)) return t.shell.none;
  return (
    <Group gap="xs" wrap="nowrap">
      <Sparkline
        label={t.errorsByHour(errors)}
        widthPx={LINE_PX}
        values={day.hours.map((hour) => hour.errors)}
        isAlarm={errors > 0}
      />
      <Sparkline
        label={t.p95ByHour(milliseconds(slowest))}
        widthPx={LINE_PX}
        values={day.hours.map((hour) => hour.p95_ms ?? 0)}
      />
    </Group>
  );
}

/** Why it is paused, if it is, and the last error of the day, as a link to its request. */
export function LastError({ channel, day }: { channel: ChannelView; day?: ChannelHistory }) {
  const t = useWords(words);
  const paused = channel.keys.flatMap((key) => key.paused);
  const error = day?.last_error;
  if (paused.length === 0 && !error) return t.shell.none;
  return (
    <Stack gap={0}>
      {paused.slice(0, 1).map((each) => (
        <Text key={each.model} size="sm" c="red">
          {t.pausedFor(each.model, each.failures, each.retry_seconds)}
        </Text>
      ))}
      {error && (
        <RouterLink to="/operator/requests" search={{ request: error.request_id } as never}>
          {error.model}: {error.status ?? error.outcome} · <Time at={error.at} show="ago" />
        </RouterLink>
      )}
    </Stack>
  );
}
