// The operator's first page: what is owed, earned and broken, and what is left to set up.
import { Badge, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { Home } from '~/api/types';
import { lastDays, milliseconds, money } from '~/app/format';
import { useCurrency } from '~/app/site';
import { useTexts } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { Count } from '~/ui/Count';
import { HealthBadge } from '~/ui/HealthBadge';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { RouterLink } from '~/ui/RouterLink';
import { StackedBars } from '~/ui/StackedBars';
import { Stat } from '~/ui/Stat';
import { EmptyState, ErrorState, LoadingState } from '~/ui/States';
import { Time } from '~/ui/Time';
import { SetupPanel } from './SetupPanel';

const REFRESH_MS = 15_000;
const DAYS = 30;

export default function HomePage() {
  const t = useTexts().operatorHome;
  const query = useQuery({
    queryKey: ['operator', 'home'],
    queryFn: () => call<Home>(api.GET('/api/operator/home')),
    refetchInterval: REFRESH_MS,
  });
  return (
    <PageFrame title={t.title} intro={t.intro}>
      {query.data ? <Shop home={query.data} /> : null}
      {!query.data && query.isLoading ? <Panel><LoadingState /></Panel> : null}
      {!query.data && query.error ? <Panel><ErrorState error={query.error} onRetry={() => void query.refetch()} /></Panel> : null}
    </PageFrame>
  );
}

function Shop({ home }: { home: Home }) {
  const t = useTexts().operatorHome;
  const currency = useCurrency();
  const byDay = new Map(home.days.map((day) => [day.day, day.revenue]));
  const bars = lastDays(DAYS).map((day) => ({ label: day, parts: [{ key: t.revenue, value: byDay.get(day) ?? 0 }] }));
  const margin = home.cost_month === null ? null : home.revenue.month - home.cost_month;
  return (
    <Stack>
      <SetupPanel checklist={home.checklist} />
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
        <Stat label={t.liability} value={<Amount micros={home.liability} />} hint={<>{t.held} <Amount micros={home.held} /></>} />
        <Stat label={t.revenueToday} value={<Amount micros={home.revenue.today} />} hint={<>{t.week} <Amount micros={home.revenue.week} /></>} />
        <Stat label={t.revenueMonth} value={<Amount micros={home.revenue.month} />}
          hint={margin === null ? t.noCost : <>{t.margin} <Amount micros={margin} /></>} />
        <Stat label={t.verified} value={<Verified home={home} />} hint={<RouterLink to="/operator/ledger">{t.toLedger}</RouterLink>} />
        <Stat label={t.requestsHour} value={<Count value={home.requests_hour} />} hint={<>{t.errors} <Count value={home.errors_hour} /></>} />
        <Stat label={t.median} value={home.p50_ms === null ? '—' : milliseconds(home.p50_ms)} hint={<>p95 {home.p95_ms === null ? '—' : milliseconds(home.p95_ms)}</>} />
        <Stat label={t.refusedFor} value={<Count value={total(home.refused)} />} hint={t.sinceStart} />
        <Stat label={t.channelsOpen} value={<Count value={home.channels.filter((c) => c.health === 'open').length} />} hint={<RouterLink to="/operator/channels">{t.toChannels}</RouterLink>} />
      </SimpleGrid>
      <Panel title={t.revenueByDay}>
        {home.days.length > 0 ? <StackedBars bars={bars} label={t.revenueByDay} format={(micros) => money(Math.round(micros), currency)} /> : <EmptyState title={t.noRevenue} icon="chart" />}
      </Panel>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Channels home={home} />
        <Refusals refused={home.refused} />
      </SimpleGrid>
    </Stack>
  );
}

function Verified({ home }: { home: Home }) {
  const t = useTexts().operatorHome;
  if (home.verified.at === null) return <Text size="md" fw={600}>{t.neverVerified}</Text>;
  return (
    <Group gap="xs">
      <Badge color={home.verified.ok ? 'green' : 'red'} variant="light">{home.verified.ok ? t.booksAgree : t.problems(home.verified.problems)}</Badge>
      <Text size="sm"><Time at={home.verified.at} show="ago" /></Text>
    </Group>
  );
}

function Channels({ home }: { home: Home }) {
  const t = useTexts().operatorHome;
  return (
    <Panel title={t.channels}>
      {home.channels.length === 0 ? <EmptyState title={t.noChannel} icon="plug" /> : (
        <Stack gap="xs">
          {home.channels.map((channel) => (
            <Group key={channel.id} justify="space-between">
              <Group gap="xs">
                <HealthBadge channel={channel} />
                <Text>{channel.name}</Text>
              </Group>
              <Text size="sm" c="dimmed">{t.hour(channel.requests_hour, channel.errors_hour)}</Text>
            </Group>
          ))}
        </Stack>
      )}
    </Panel>
  );
}

function Refusals({ refused }: { refused: Record<string, number> }) {
  const t = useTexts().operatorHome;
  const rows = Object.entries(refused).sort((a, b) => b[1] - a[1]);
  return (
    <Panel title={t.refusals}>
      {rows.length === 0 ? <EmptyState title={t.noRefusals} icon="check" /> : (
        <Stack gap="xs">
          {rows.map(([code, times]) => (
            <Group key={code} justify="space-between"><Text className="y-mono">{code}</Text><Count value={times} /></Group>
          ))}
        </Stack>
      )}
    </Panel>
  );
}

function total(counts: Record<string, number>): number {
  return Object.values(counts).reduce((all, one) => all + one, 0);
}
