// The operator's first page: revenue and margin over time, then what needs attention, each of
// it a link to where it is dealt with.
import { SimpleGrid, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { Home } from '~/api/types';
import { lastDays, milliseconds, percent } from '~/format/format';
import { useWords } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { Count } from '~/ui/Count';
import { StackedBars } from '~/ui/chart/StackedBars';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { RouterLink } from '~/ui/RouterLink';
import { Stat } from '~/ui/Stat';
import { EmptyState, ErrorState, LoadingState } from '~/ui/States';
import { Attention } from './Attention';
import { PaymentsPanel } from './PaymentsPanel';
import { SetupPanel } from './SetupPanel';
import { words } from './words';

const REFRESH_MS = 15_000;
const DAYS = 30;

export default function HomePage() {
  const t = useWords(words);
  const query = useQuery({
    queryKey: ['operator', 'home'],
    queryFn: () => call<Home>(api.GET('/api/operator/home')),
    refetchInterval: REFRESH_MS,
  });
  return (
    <PageFrame title={t.title}>
      {query.data ? <Shop home={query.data} /> : null}
      {!query.data && query.isLoading ? (
        <Panel>
          <LoadingState />
        </Panel>
      ) : null}
      {!query.data && query.error ? (
        <Panel>
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        </Panel>
      ) : null}
    </PageFrame>
  );
}

function Shop({ home }: { home: Home }) {
  return (
    <Stack>
      <SetupPanel checklist={home.checklist} />
      <Money home={home} />
      <PaymentsPanel />
      <RevenueChart home={home} />
      <Attention home={home} />
    </Stack>
  );
}

function Money({ home }: { home: Home }) {
  const t = useWords(words);
  const known =
    home.revenue_month > 0 ? percent(home.costed_revenue_month / home.revenue_month) : percent(0);
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
      <Stat
        label={t.revenueMonth}
        value={<Amount micros={home.revenue_month} digits={2} />}
        hint={
          <>
            {t.today} <Amount micros={home.revenue.today} digits={2} /> · {t.week}{' '}
            <Amount micros={home.revenue.week} digits={2} />
          </>
        }
      />
      <Stat
        label={t.marginMonth}
        value={
          home.margin_month === null ? (
            t.shell.none
          ) : (
            <Amount micros={home.margin_month} digits={2} />
          )
        }
        hint={home.margin_month === null ? t.noCost : t.costKnown(known)}
      />
      <Stat
        label={t.liability}
        value={<Amount micros={home.liability} digits={2} />}
        hint={
          <>
            {t.held} <Amount micros={home.held} digits={2} />
          </>
        }
      />
      <Stat
        label={t.requestsHour}
        value={
          <RouterLink to="/operator/requests" inherit>
            <Count value={home.requests_hour} />
          </RouterLink>
        }
        hint={
          <>
            {t.errors} <Count value={home.errors_hour} /> · {t.median}{' '}
            {home.p50_ms === null ? t.shell.none : milliseconds(home.p50_ms)} · p95{' '}
            {home.p95_ms === null ? t.shell.none : milliseconds(home.p95_ms)}
          </>
        }
      />
    </SimpleGrid>
  );
}

function RevenueChart({ home }: { home: Home }) {
  const t = useWords(words);
  const byDay = new Map(home.days.map((day) => [day.day, day]));
  const bars = lastDays(DAYS).map((day) => {
    const { revenue = 0, margin = null } = byDay.get(day) ?? {};
    const kept = Math.max(0, Math.min(margin ?? 0, revenue));
    return {
      label: day,
      parts: [
        { key: t.margin, value: kept },
        { key: t.restOfRevenue, value: Math.max(0, revenue - kept) },
      ],
    };
  });
  return (
    <Panel title={t.revenueByDay}>
      {home.days.length > 0 ? (
        <StackedBars bars={bars} label={t.revenueByDay} others={t.restOfRevenue} />
      ) : (
        <EmptyState title={t.noRevenue} icon="chart" />
      )}
    </Panel>
  );
}
