// An account in figures: what it has, spends and sends; and its spending by day.
import { SimpleGrid } from '@mantine/core';
import type { Overview } from '~/api/types';
import { daysOf } from '~/data/range';
import { barsOf } from '~/format/bars';
import { percent } from '~/format/format';
import { useWords } from '~/i18n';
import { words as usageWords } from '~/pages/customer/usage/words';
import { Amount } from '~/ui/Amount';
import { StackedBars } from '~/ui/chart/StackedBars';
import { RouterLink } from '~/ui/RouterLink';
import { Sparkline } from '~/ui/Sparkline';
import { Stat } from '~/ui/Stat';
import { EmptyState } from '~/ui/States';
import { words } from './words';

const DAYS_SHOWN_MAX = 366;

export function Figures({ overview }: { overview: Overview }) {
  const t = useWords(words);
  const { account, spend } = overview;
  const daily = daysOf({}).map((day) =>
    overview.days.filter((row) => row.day === day).reduce((sum, row) => sum + row.charge, 0),
  );
  const errors =
    overview.requests_month > 0 ? percent(overview.errors_month / overview.requests_month) : null;
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
      <Stat
        label={t.available}
        value={<Amount micros={account.available} digits={2} />}
        hint={
          <>
            {t.balance} <Amount micros={account.balance} digits={2} /> · {t.held}{' '}
            <Amount micros={account.held} digits={2} />
          </>
        }
      />
      <Stat
        label={t.spendMonth}
        value={<Amount micros={spend.month} digits={2} />}
        hint={
          <>
            {t.today} <Amount micros={spend.today} digits={2} /> · {t.week}{' '}
            <Amount micros={spend.week} digits={2} />
          </>
        }
      />
      <Stat
        label={t.runway}
        value={
          overview.days_left === null
            ? t.runwayUnknown
            : overview.days_left > DAYS_SHOWN_MAX
              ? t.overAYear
              : t.days(overview.days_left)
        }
        hint={<Sparkline values={daily} label={t.spendByDay} />}
      />
      <Stat
        label={t.requestsMonth}
        value={overview.requests_month.toLocaleString('en')}
        hint={errors === null ? t.noRequests : t.quality(errors, overview.median_ms)}
      />
    </SimpleGrid>
  );
}

export function SpendChart({ overview }: { overview: Overview }) {
  const t = useWords(words);
  const usage = useWords(usageWords);
  if (overview.days.length === 0) {
    return (
      <EmptyState
        icon="chart"
        title={t.noSpend}
        action={<RouterLink to="/playground">{t.tryIt}</RouterLink>}
      />
    );
  }
  const rows = overview.days.map((row) => ({ day: row.day, key: row.key, value: row.charge }));
  return (
    <StackedBars
      bars={barsOf(daysOf({}), rows, usage.others)}
      label={t.spendByDay}
      others={usage.others}
    />
  );
}
