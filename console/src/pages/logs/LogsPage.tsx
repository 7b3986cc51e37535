// Every request, newest first, page by page; filters and the open request are in the address.
import { Switch } from '@mantine/core';
import { useState } from 'react';
import { useApiTokens, useOfferedModels } from '~/app/account_data';
import { asQuery, asQueryText, useFilters } from '~/app/filters';
import { RANGE, rangeFilters, rangeQuery } from '~/app/range';
import { useAccountId } from '~/app/site';
import { useTexts } from '~/i18n';
import { DataTable, EmptyRows } from '~/ui/DataTable';
import { FilterBar } from '~/ui/FilterBar';
import { PageFrame } from '~/ui/PageFrame';
import { RouterButton } from '~/ui/RouterLink';
import { useLogColumns } from './columns';
import { LogDrawer } from './LogDrawer';
import { useLogs } from './useLogs';

const DEFAULTS = { ...RANGE, model: '', token: '', outcome: '', endpoint: '', errors: '' };
const OPEN = { request: '' };

export default function LogsPage() {
  const t = useTexts();
  const words = t.logs;
  const account = useAccountId();
  const [filters, setFilters] = useFilters(DEFAULTS);
  const [open, setOpen] = useFilters(OPEN);
  const [isLive, setLive] = useState(false);
  const { range: _range, since: _since, until: _until, ...rest } = filters;
  const asked = { ...rangeQuery(filters), ...asQuery(rest) };
  const logs = useLogs(account, asked, isLive);
  const isFiltered = Object.keys(DEFAULTS).some((name) => filters[name as keyof typeof DEFAULTS] !== DEFAULTS[name as keyof typeof DEFAULTS]);
  return (
    <PageFrame title={words.title} intro={words.intro}>
      <FilterBar filters={useBar(filters)} values={filters} defaults={DEFAULTS} onChange={setFilters} />
      <DataTable name="logs" label={words.title} columns={useLogColumns()} data={logs.data} rowId={(row) => row.request_id}
        csv={`/api/accounts/${account}/logs.csv${asQueryText(asked)}`} markedId={open.request || null}
        onOpen={(row) => setOpen({ request: row.request_id })}
        toolbar={<Switch size="sm" label={words.live} checked={isLive} onChange={(event) => setLive(event.currentTarget.checked)} />}
        empty={isFiltered
          ? <EmptyRows title={t.shell.noMatch} />
          : <EmptyRows title={words.emptyTitle} text={words.emptyText} action={<RouterButton to="/playground">{t.overview.tryIt}</RouterButton>} />} />
      <span className="y-hidden" role="status">{isLive && logs.arrived > 0 ? words.arrived(logs.arrived) : ''}</span>
      <LogDrawer requestId={open.request || null} onClose={() => setOpen({ request: '' })} />
    </PageFrame>
  );
}

function useBar(filters: Record<keyof typeof DEFAULTS, string>) {
  const t = useTexts();
  const models = useOfferedModels().data?.items ?? [];
  const tokens = useApiTokens().data?.items ?? [];
  const all = { value: '', label: t.shell.all };
  const names = [...new Set([...models.map((model) => model.name), filters.model].filter((name) => name !== ''))];
  const outcomes = Object.entries(t.usage.outcomes).map(([value, label]) => ({ value, label }));
  return [
    ...rangeFilters(t, filters),
    { name: 'model', label: t.usage.model, options: [all, ...names.map((name) => ({ value: name, label: name }))] },
    { name: 'token', label: t.usage.token, options: [all, ...tokens.map(({ id, name }) => ({ value: id, label: name }))] },
    { name: 'outcome', label: t.logs.outcome, options: [all, ...outcomes] },
    ...(filters.endpoint === '' ? [] : [{ name: 'endpoint', label: t.logs.endpoint, options: [all, { value: filters.endpoint, label: filters.endpoint }] }]),
    { name: 'errors', label: t.usage.errors, options: [all, { value: 'true', label: t.logs.onlyErrors }] },
  ];
}
