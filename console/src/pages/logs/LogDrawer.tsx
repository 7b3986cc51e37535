// One request in full: what it cost and why, the entries that moved the money, the calls
// to upstreams, and where the time went. Its address can be kept and sent.
import { Code, Drawer, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, call } from '~/api/client';
import type { LogDetail } from '~/api/types';
import { useAccountId } from '~/app/site';
import { useTexts } from '~/i18n';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { CopyButton } from '~/ui/CopyButton';
import { ErrorState, LoadingState } from '~/ui/States';
import { Time } from '~/ui/Time';
import { Attempts, Latency } from './Attempts';
import { CostTable } from './CostTable';
import { MoneyEntries } from './MoneyEntries';
import { OutcomeBadge } from './OutcomeBadge';

export function LogDrawer({ requestId, onClose }: { requestId: string | null; onClose: () => void }) {
  const t = useTexts().logs;
  return (
    <Drawer lockScroll={false} opened={requestId !== null} onClose={onClose} position="right" size="xl" title={t.detail} closeButtonProps={useCloseLabel()}>
      {requestId !== null && <Body requestId={requestId} />}
    </Drawer>
  );
}

function Body({ requestId }: { requestId: string }) {
  const account = useAccountId();
  const query = useQuery({
    queryKey: ['account', account, 'log', requestId],
    queryFn: () =>
      call<LogDetail>(api.GET('/api/accounts/{account}/logs/{request_id}', { params: { path: { account, request_id: requestId } } })),
  });
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingState rows={10} />;
  return <Detail detail={query.data} />;
}

function Detail({ detail }: { detail: LogDetail }) {
  const t = useTexts();
  const words = t.logs;
  const { log } = detail;
  return (
    <Stack gap="lg" data-request={log.request_id}>
      <Stack gap={6}>
        <Group gap="xs"><OutcomeBadge log={log} /><Time at={log.at} /></Group>
        <Fact label={words.model}><span className="y-mono">{log.model}</span></Fact>
        {detail.upstream_model && <Fact label={words.upstreamModel}><span className="y-mono">{detail.upstream_model}</span></Fact>}
        <Fact label={words.token}>{log.token_name}</Fact>
        <Fact label={words.endpoint}><span className="y-mono">{log.endpoint}</span>{log.streamed ? ` · ${words.streamed}` : ''}</Fact>
        <Id label={t.shell.requestId} value={log.request_id} />
        {detail.client_request_id && <Id label={words.clientRequestId} value={detail.client_request_id} />}
        {detail.upstream_request_id && <Id label={words.upstreamRequestId} value={detail.upstream_request_id} />}
      </Stack>
      <Part title={words.cost}><CostTable detail={detail} /></Part>
      <Part title={words.entries}><MoneyEntries detail={detail} /></Part>
      <Part title={words.latency}><Latency log={log} /></Part>
      <Part title={words.attempts}><Attempts attempts={detail.attempts} /></Part>
      <Part title={words.asCurl} action={<CopyButton value={detail.curl} label={words.copyCurl} />}>
        <Text size="sm" c="dimmed" mb={6}>{words.asCurlText}</Text>
        <Code block tabIndex={0} role="group" aria-label={words.asCurl}>{detail.curl}</Code>
      </Part>
    </Stack>
  );
}

function Part(props: { title: string; action?: ReactNode; children: ReactNode }) {
  return (
    <section>
      <Group justify="space-between" mb={6}><Title order={3} size="h5">{props.title}</Title>{props.action}</Group>
      {props.children}
    </section>
  );
}

function Fact(props: { label: string; children: ReactNode }) {
  return (
    <Group gap="xs" wrap="nowrap" align="baseline">
      <Text size="sm" c="dimmed" w={120} style={{ flexShrink: 0 }}>{props.label}</Text>
      <Text size="sm" component="div" style={{ overflowWrap: 'anywhere' }}>{props.children}</Text>
    </Group>
  );
}

function Id({ label, value }: { label: string; value: string }) {
  const t = useTexts().shell;
  return (
    <Fact label={label}>
      <Group gap="xs" wrap="nowrap"><Code className="y-mono">{value}</Code><CopyButton value={value} label={`${t.copy}: ${label}`} /></Group>
    </Fact>
  );
}
