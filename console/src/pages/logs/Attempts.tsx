// The calls to upstreams in their order, and where the time of the request went.
import { Group, Progress, Stack, Text } from '@mantine/core';
import type { Attempt, Log } from '~/api/types';
import { milliseconds } from '~/app/format';
import { useTexts } from '~/i18n';

export function Attempts({ attempts }: { attempts: Attempt[] }) {
  const t = useTexts();
  const words = t.logs;
  if (attempts.length === 0) return <Text size="sm" c="dimmed">{words.noAttempts}</Text>;
  const hasChannels = attempts.some((attempt) => attempt.channel_id !== null);
  return (
    <table className="y-table y-figures" aria-label={words.attempts}>
      <thead>
        <tr>
          <th scope="col">#</th>
          {hasChannels && <th scope="col">{words.channel}</th>}
          <th scope="col">{words.outcome}</th>
          <th scope="col" className="y-right">{words.status}</th>
          <th scope="col" className="y-right">{words.total}</th>
        </tr>
      </thead>
      <tbody>
        {attempts.map((attempt) => (
          <tr key={attempt.n}>
            <td>{attempt.n}</td>
            {hasChannels && <td>{attempt.channel ?? attempt.channel_id}</td>}
            <td>{attempt.outcome === 'ok' ? words.attemptOk : attempt.outcome}</td>
            <td className="y-right">{attempt.status ?? t.shell.none}</td>
            <td className="y-right y-number">{attempt.ms === null ? t.shell.none : milliseconds(attempt.ms)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Latency({ log }: { log: Log }) {
  const t = useTexts().logs;
  const { first_byte_ms: first, total_ms: total } = log;
  if (total === null) return <Text size="sm" c="dimmed">{t.notMeasured}</Text>;
  const waited = Math.min(first ?? total, total);
  const speed = total > waited && log.output_tokens > 0 ? Math.round((log.output_tokens * 1000) / (total - waited)) : null;
  const share = total > 0 ? (waited / total) * 100 : 100;
  return (
    <Stack gap={6}>
      <Progress.Root size="lg">
        <Progress.Section value={share} color="teal" aria-label={`${t.firstByte}: ${milliseconds(waited)}`} />
        {share < 100 && <Progress.Section value={100 - share} color="orange" aria-label={`${t.generating}: ${milliseconds(total - waited)}`} />}
      </Progress.Root>
      <Group gap="md">
        <Text size="sm">{t.firstByte}: {milliseconds(waited)}</Text>
        <Text size="sm">{t.generating}: {milliseconds(total - waited)}</Text>
        <Text size="sm">{t.total}: {milliseconds(total)}</Text>
        {speed !== null && log.streamed && <Text size="sm" c="dimmed">{t.speed(speed)}</Text>}
      </Group>
    </Stack>
  );
}
