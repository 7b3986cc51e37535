// What was used in a span of days: sums beside those of the span before, a chart, and a
// ranking whose rows lead to the requests behind them.
import { useQuery } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { Usage } from '~/api/types';
import { useApiTokens, useOfferedModels } from '~/app/account_data';
import { barsOf } from '~/app/bars';
import { asQuery, asQueryText, useFilters } from '~/app/filters';
import { money } from '~/app/format';
import { daysOf, RANGE, rangeFilters, rangeQuery } from '~/app/range';
import { useAccountId, useCurrency } from '~/app/site';
import { useTexts } from '~/i18n';
import { FilterBar } from '~/ui/FilterBar';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { RouterButton } from '~/ui/RouterLink';
import { StackedBars } from '~/ui/StackedBars';
import { EmptyState, ErrorState, LoadingState } from '~/ui/States';
import { Groups } from './Groups';
import { Totals } from './Totals';

const DEFAULTS = { ...RANGE, by: 'model', model: '', token: '' };

export type By = 'model' | 'token' | 'status' | 'day' | 'endpoint';

export default function UsagePage() {
  const t = useTexts();
  const words = t.usage;
  const account = useAccountId();
  const [filters, setFilters] = useFilters(DEFAULTS);
  const range = rangeQuery(filters);
  const asked = { ...range, ...asQuery({ by: filters.by, model: filters.model, token: filters.token }) };
  const query = useQuery({
    queryKey: ['account', account, 'usage', asked],
    queryFn: () => call<Usage>(api.GET('/api/accounts/{account}/usage', { params: { path: { account }, query: asked } })),
  });
  const models = useOfferedModels().data?.items ?? [];
  const tokens = useApiTokens().data?.items ?? [];
  const all = { value: '', label: t.shell.all };
  const bar = [
    ...rangeFilters(t, filters),
    { name: 'by', label: words.by, options: (['model', 'token', 'status', 'day', 'endpoint'] as const).map((value) => ({ value, label: words.bys[value] })) },
    { name: 'model', label: words.model, options: [all, ...models.map(({ name }) => ({ value: name, label: name }))] },
    { name: 'token', label: words.token, options: [all, ...tokens.map(({ id, name }) => ({ value: id, label: name }))] },
  ];
  const { data } = query;
  const csv = `/api/accounts/${account}/usage.csv${asQueryText(asked)}`;
  return (
    <PageFrame title={words.title} intro={words.intro}>
      <FilterBar filters={bar} values={filters} defaults={DEFAULTS} onChange={setFilters} />
      {query.error && !data ? <Panel><ErrorState error={query.error} onRetry={() => void query.refetch()} /></Panel> : null}
      {query.isLoading ? <Panel><LoadingState /></Panel> : null}
      {data && data.total.requests === 0 && (
        <Panel>
          <EmptyState icon="chart" title={words.emptyTitle} text={words.emptyText}
            action={<RouterButton to="/playground" variant="default">{t.overview.tryIt}</RouterButton>} />
        </Panel>
      )}
      {data && data.total.requests > 0 && (
        <>
          <Totals usage={data} />
          <Panel title={words.byDay(words.bys[filters.by as By])}><Chart usage={data} by={filters.by as By} range={range} /></Panel>
          <Groups usage={data} by={filters.by as By} filters={filters} csv={csv} />
        </>
      )}
    </PageFrame>
  );
}

function Chart({ usage, by, range }: { usage: Usage; by: By; range: Record<string, string> }) {
  const t = useTexts().usage;
  const currency = useCurrency();
  const labels = new Map(usage.groups.map((group) => [group.key, group.label]));
  const rows = usage.days.map((row) => ({
    day: row.day, key: by === 'day' ? t.spend : (labels.get(row.key) ?? row.key), value: row.charge,
  }));
  const days = daysOf({ since: range.since ?? usage.since, until: range.until ?? usage.until });
  return <StackedBars bars={barsOf(days, rows, t.others)} label={t.byDay(t.bys[by])} format={(value) => money(value, currency)} />;
}
