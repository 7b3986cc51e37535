// What the account has, what it spends and how long that lasts; for a new account, the
// three steps to its first request, which tick themselves.
import { SimpleGrid } from '@mantine/core';
import { useState } from 'react';
import type { Overview } from '~/api/types';
import { useOverview } from '~/app/account_data';
import { money, percent } from '~/app/format';
import { barsOf } from '~/app/bars';
import { daysOf } from '~/app/range';
import { useCurrency } from '~/app/site';
import { useTexts } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { RouterButton, RouterLink } from '~/ui/RouterLink';
import { Sparkline } from '~/ui/Sparkline';
import { StackedBars } from '~/ui/StackedBars';
import { Stat } from '~/ui/Stat';
import { EmptyState, ErrorState, LoadingState } from '~/ui/States';
import { Banners } from './Banners';
import { Checklist } from './Checklist';
import { LimitsPanel } from './LimitsPanel';

const DAYS_SHOWN_MAX = 366;
const WAITING_MS = 3_000;
const SETTLED_MS = 30_000;

export default function OverviewPage() {
  const t = useTexts();
  const [isWaiting, setWaiting] = useState(true);
  const query = useOverview(isWaiting ? WAITING_MS : SETTLED_MS);
  const { data } = query;
  const isStarted = data?.checklist.has_request ?? false;
  if (data && isStarted === isWaiting) setWaiting(!isStarted);
  return (
    <PageFrame title={t.overview.title} actions={<RouterButton to="/top-up">{t.overview.topUp}</RouterButton>}>
      {query.error && !data ? <Panel><ErrorState error={query.error} onRetry={() => void query.refetch()} /></Panel> : null}
      {query.isLoading ? <Panel><LoadingState /></Panel> : null}
      {data && <Content overview={data} />}
    </PageFrame>
  );
}

function Content({ overview }: { overview: Overview }) {
  const t = useTexts();
  const [wasNew] = useState(!overview.checklist.has_request);
  return (
    <>
      <Banners account={overview.account} threshold={overview.low_balance} />
      {wasNew && <Checklist overview={overview} />}
      <Figures overview={overview} />
      <Panel title={t.overview.spendByDay}><SpendChart overview={overview} /></Panel>
      <LimitsPanel overview={overview} />
    </>
  );
}

function Figures({ overview }: { overview: Overview }) {
  const t = useTexts().overview;
  const { account, spend } = overview;
  const daily = daysOf({}).map((day) =>
    overview.days.filter((row) => row.day === day).reduce((sum, row) => sum + row.charge, 0),
  );
  const errors = overview.requests_month > 0 ? percent(overview.errors_month / overview.requests_month) : null;
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
      <Stat label={t.available} value={<Amount micros={account.available} />}
        hint={<>{t.balance} <Amount micros={account.balance} /> · {t.held} <Amount micros={account.held} /></>} />
      <Stat label={t.spendMonth} value={<Amount micros={spend.month} />}
        hint={<>{t.today} <Amount micros={spend.today} /> · {t.week} <Amount micros={spend.week} /></>} />
      <Stat label={t.runway} value={overview.days_left === null ? t.runwayUnknown : overview.days_left > DAYS_SHOWN_MAX ? t.overAYear : t.days(overview.days_left)}
        hint={<Sparkline values={daily} label={t.spendByDay} />} />
      <Stat label={t.requestsMonth} value={overview.requests_month.toLocaleString('en')}
        hint={errors === null ? t.noRequests : t.quality(errors, overview.median_ms)} />
    </SimpleGrid>
  );
}

function SpendChart({ overview }: { overview: Overview }) {
  const t = useTexts();
  const currency = useCurrency();
  if (overview.days.length === 0) {
    return <EmptyState icon="chart" title={t.overview.noSpend} action={<RouterLink to="/playground">{t.overview.tryIt}</RouterLink>} />;
  }
  const rows = overview.days.map((row) => ({ day: row.day, key: row.key, value: row.charge }));
  return <StackedBars bars={barsOf(daysOf({}), rows, t.usage.others)} label={t.overview.spendByDay} format={(value) => money(value, currency)} />;
}
