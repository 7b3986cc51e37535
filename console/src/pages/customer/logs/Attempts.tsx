// The calls to upstreams in their order, and where the time of the request went.

import { Group, Progress, Stack, Text } from '@mantine/core';
import type { Attempt, Log } from '~/api/types';
import { milliseconds } from '~/format/format';
import { useWords } from '~/i18n';
import { Table } from '~/ui/table/Table';
import { words } from './words';

export function Attempts(props: { attempts: Attempt[]; isFailed: boolean }) {
  const t = useWords(words);
  const { attempts } = props;
  if (attempts.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {props.isFailed ? t.attemptsNotKept : t.noAttempts}
      </Text>
    );
  const hasChannels = attempts.some((attempt) => attempt.channel_id !== null);
  return (
    <Table label={t.attempts}>
      <thead>
        <tr>
          <th scope="col">#</th>
          {hasChannels && <th scope="col">{t.channel}</th>}
          <th scope="col">{t.outcome}</th>
          <th scope="col" className="y-right">
            {t.status}
          </th>
          <th scope="col" className="y-right">
            {t.total}
          </th>
        </tr>
      </thead>
      <tbody>
        {attempts.map((attempt) => (
          <tr key={attempt.n}>
            <td>{attempt.n}</td>
            {hasChannels && <td>{attempt.channel ?? attempt.channel_id}</td>}
            <td>{attempt.outcome === 'ok' ? t.attemptOk : attempt.outcome}</td>
            <td className="y-right">{attempt.status ?? t.shell.none}</td>
            <td className="y-right y-number">
              {attempt.ms === null ? t.shell.none : milliseconds(attempt.ms)}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** What takes less says nothing about a speed: a few milliseconds are the clock's own. */
const MEASURABLE_MS = 500;

export function Latency({ log }: { log: Log }) {
  const t = useWords(words);
  const { first_byte_ms: first, total_ms: total } = log;
  if (total === null)
    return (
      <Text size="sm" c="dimmed">
        {t.notMeasured}
      </Text>
    );
  const waited = Math.min(first ?? total, total);
  const generated = total - waited;
  const speed =
    first !== null && generated >= MEASURABLE_MS && log.output_tokens > 0
      ? Math.round((log.output_tokens * 1000) / generated)
      : null;
  const share = total > 0 ? (waited / total) * 100 : 100;
  return (
    <Stack gap={6}>
      <Progress.Root size="lg">
        <Progress.Section
          value={share}
          color="teal"
          aria-label={`${t.firstByte}: ${milliseconds(waited)}`}
        />
        {share < 100 && (
          <Progress.Section
            value={100 - share}
            color="orange"
            aria-label={`${t.generating}: ${milliseconds(total - waited)}`}
          />
        )}
      </Progress.Root>
      <Group gap="md">
        <Text size="sm">
          {t.firstByte}: {milliseconds(waited)}
        </Text>
        <Text size="sm">
          {t.generating}: {milliseconds(total - waited)}
        </Text>
        <Text size="sm">
          {t.total}: {milliseconds(total)}
        </Text>
        {speed !== null && log.streamed && (
          <Text size="sm" c="dimmed">
            {t.speed(speed)}
          </Text>
        )}
      </Group>
    </Stack>
  );
}
