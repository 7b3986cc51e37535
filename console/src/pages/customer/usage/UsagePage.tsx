// What was used in a span of days: sums beside those of the span before, a chart, and a
// ranking whose rows lead to the requests behind them.
import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { Usage } from '~/api/types';
import { useApiTokens, useOfferedModels } from '~/data/accountData';
import { asQuery, asQueryText, useFilters } from '~/data/filters';
import { daysOf, RANGE, rangeFilters, rangeQuery } from '~/data/range';
import { barsOf } from '~/format/bars';
import { useWords } from '~/i18n';
import { words as overviewWords } from '~/pages/customer/overview/words';
import { useAccountId } from '~/shell/site';
import { StackedBars } from '~/ui/chart/StackedBars';
import { FilterBar } from '~/ui/FilterBar';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { RouterButton } from '~/ui/RouterLink';
import { EmptyState, ErrorState, LoadingState } from '~/ui/States';
import { Groups } from './Groups';
import type { By } from './grouping';
import { Totals } from './Totals';
import { words } from './words';

const DEFAULTS = { ...RANGE, by: 'model', model: '', token: '', metric: 'charge' };
const METRICS = ['charge', 'requests', 'tokens', 'errors'] as const;
type Metric = (typeof METRICS)[number];

export default function UsagePage() {
  const t = useWords(words);
  const overview = useWords(overviewWords);
  const account = useAccountId();
  const [filters, setFilters] = useFilters(DEFAULTS);
  const range = rangeQuery(filters);
  const asked = {
    ...range,
    ...asQuery({ by: filters.by, model: filters.model, token: filters.token }),
  };
  const query = useQuery({
    queryKey: ['account', account, 'usage', asked],
    queryFn: () =>
      call<Usage>(
        api.GET('/api/accounts/{account}/usage', { params: { path: { account }, query: asked } }),
      ),
  });
  const models = useOfferedModels().data?.items ?? [];
  const tokens = useApiTokens().data?.items ?? [];
  const all = { value: '', label: t.shell.all };
  const bar = [
    ...rangeFilters(t, filters),
    {
      name: 'by',
      label: t.by,
      options: (['model', 'token', 'status', 'day', 'endpoint'] as const).map((value) => ({
        value,
        label: t.bys[value],
      })),
    },
    {
      name: 'model',
      label: t.model,
      options: [all, ...models.map(({ name }) => ({ value: name, label: name }))],
    },
    {
      name: 'token',
      label: t.token,
      options: [all, ...tokens.map(({ id, name }) => ({ value: id, label: name }))],
    },
  ];
  const { data } = query;
  const metric = METRICS.find((one) => one === filters.metric) ?? 'charge';
  const csv = `/api/accounts/${account}/usage.csv${asQueryText(asked)}`;
  return (
    <PageFrame title={t.title} intro={t.intro}>
      <FilterBar filters={bar} values={filters} defaults={DEFAULTS} onChange={setFilters} />
      {query.error && !data ? (
        <Panel>
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        </Panel>
      ) : null}
      {query.isLoading ? (
        <Panel>
          <LoadingState />
        </Panel>
      ) : null}
      {data && data.total.requests === 0 && (
        <Panel>
          <EmptyState
            icon="chart"
            title={t.emptyTitle}
            text={t.emptyText}
            action={
              <RouterButton to="/playground" variant="default">
                {overview.tryIt}
              </RouterButton>
            }
          />
        </Panel>
      )}
      {data && data.total.requests > 0 && (
        <>
          <Totals usage={data} />
          <Panel
            title={t.byDay(t.metrics[metric], t.bys[filters.by as By])}
            actions={
              <SegmentedControl
                size="xs"
                aria-label={t.metric}
                value={metric}
                onChange={(value) => setFilters({ metric: value })}
                data={METRICS.map((value) => ({ value, label: t.metrics[value] }))}
              />
            }
          >
            <Chart usage={data} by={filters.by as By} metric={metric} range={range} />
          </Panel>
          <Groups usage={data} by={filters.by as By} filters={filters} csv={csv} />
        </>
      )}
    </PageFrame>
  );
}

function Chart(props: { usage: Usage; by: By; metric: Metric; range: Record<string, string> }) {
  const { usage, by, metric, range } = props;
  const t = useWords(words);
  const labels = new Map(usage.groups.map((group) => [group.key, group.label]));
  const rows = usage.days.map((row) => ({
    day: row.day,
    key: by === 'day' ? t.metrics[metric] : (labels.get(row.key) ?? row.key),
    value: row[metric],
  }));
  const days = daysOf({ since: range.since ?? usage.since, until: range.until ?? usage.until });
  return (
    <StackedBars
      bars={barsOf(days, rows, t.others)}
      label={t.byDay(t.metrics[metric], t.bys[by])}
      others={t.others}
      isCount={metric !== 'charge'}
    />
  );
}
