// One request in full: what it cost and why, the entries that moved the money, the calls
// to upstreams, and where the time went.
import { Code, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { LogDetail } from '~/api/types';
import { useTexts, useWords } from '~/i18n';
import { CopyButton } from '~/ui/CopyButton';
import { Time } from '~/ui/Time';
import { Attempts, Latency } from './Attempts';
import { CostTable } from './CostTable';
import { MoneyEntries } from './MoneyEntries';
import { OutcomeBadge } from './OutcomeBadge';
import { words } from './words';

export function RequestDetail({ detail }: { detail: LogDetail }) {
  const t = useWords(words);
  const { log } = detail;
  return (
    <Stack gap="lg" data-request={log.request_id}>
      <Stack gap={6}>
        <Group gap="xs">
          <OutcomeBadge log={log} />
          <Time at={log.at} />
        </Group>
        <Fact label={t.model}>
          <span className="y-mono">{log.model}</span>
        </Fact>
        {detail.upstream_model && (
          <Fact label={t.upstreamModel}>
            <span className="y-mono">{detail.upstream_model}</span>
          </Fact>
        )}
        <Fact label={t.token}>{log.token_name}</Fact>
        <Fact label={t.endpoint}>
          <span className="y-mono">{log.endpoint}</span>
          {log.streamed ? ` · ${t.streamed}` : ''}
        </Fact>
        <Id label={t.shell.requestId} value={log.request_id} />
        {detail.client_request_id && (
          <Id label={t.clientRequestId} value={detail.client_request_id} />
        )}
        {detail.upstream_request_id && (
          <Id label={t.upstreamRequestId} value={detail.upstream_request_id} />
        )}
      </Stack>
      <Part title={t.cost}>
        <CostTable detail={detail} />
      </Part>
      <Part title={t.entries}>
        <MoneyEntries detail={detail} />
      </Part>
      <Part title={t.latency}>
        <Latency log={log} />
      </Part>
      <Part title={t.attempts}>
        <Attempts attempts={detail.attempts} isFailed={log.outcome === 'failed'} />
      </Part>
      <Part title={t.asCurl} action={<CopyButton value={detail.curl} label={t.copyCurl} />}>
        <Text size="sm" c="dimmed" mb={6}>
          {t.asCurlText}
        </Text>
        <Code block tabIndex={0} role="group" aria-label={t.asCurl}>
          {detail.curl}
        </Code>
      </Part>
    </Stack>
  );
}

export function Part(props: { title: string; action?: ReactNode; children: ReactNode }) {
  return (
    <section>
      <Group justify="space-between" mb={6}>
        <Title order={3} size="h5">
          {props.title}
        </Title>
        {props.action}
      </Group>
      {props.children}
    </section>
  );
}

export function Fact(props: { label: string; children: ReactNode }) {
  return (
    <Group gap="xs" wrap="nowrap" align="baseline">
      <Text size="sm" c="dimmed" w={120} style={{ flexShrink: 0 }}>
        {props.label}
      </Text>
      <Text size="sm" component="div" style={{ overflowWrap: 'anywhere' }}>
        {props.children}
      </Text>
    </Group>
  );
}

export function Id({ label, value }: { label: string; value: string }) {
  const t = useTexts().shell;
  return (
    <Fact label={label}>
      <Group gap="xs" wrap="nowrap">
        <Code className="y-mono">{value}</Code>
        <CopyButton value={value} label={`${t.copy}: ${label}`} />
      </Group>
    </Fact>
  );
}
