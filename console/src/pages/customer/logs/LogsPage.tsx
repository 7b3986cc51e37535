// Every request, newest first, page by page; filters and the open request are in the address.
import { Switch } from '@mantine/core';
import { useState } from 'react';
import { useApiTokens, useOfferedModels } from '~/data/accountData';
import { asQuery, asQueryText, useFilters } from '~/data/filters';
import { RANGE, rangeFilters, rangeQuery } from '~/data/range';
import { useWords } from '~/i18n';
import { words as overviewWords } from '~/pages/customer/overview/words';
import { words as usageWords } from '~/pages/customer/usage/words';
import { useAccountId } from '~/shell/site';
import { FilterBar } from '~/ui/FilterBar';
import { PageFrame } from '~/ui/PageFrame';
import { RouterButton } from '~/ui/RouterLink';
import { DataTable, EmptyRows } from '~/ui/table/DataTable';
import { useLogColumns } from './columns';
import { LogDrawer } from './LogDrawer';
import { useLogs } from './useLogs';
import { words } from './words';

const DEFAULTS = { ...RANGE, model: '', token: '', outcome: '', endpoint: '', errors: '' };
const OPEN = { request: '' };

export default function LogsPage() {
  const t = useWords(words);
  const overview = useWords(overviewWords);
  const account = useAccountId();
  const [filters, setFilters] = useFilters(DEFAULTS);
  const [open, setOpen] = useFilters(OPEN);
  const [isLive, setLive] = useState(false);
  const { range: _range, since: _since, until: _until, ...rest } = filters;
  const asked = { ...rangeQuery(filters), ...asQuery(rest) };
  const logs = useLogs(account, asked, isLive);
  const isFiltered = Object.keys(DEFAULTS).some(
    (name) => filters[name as keyof typeof DEFAULTS] !== DEFAULTS[name as keyof typeof DEFAULTS],
  );
  return (
    <PageFrame title={t.title} intro={t.intro}>
      <FilterBar
        filters={useBar(filters)}
        values={filters}
        defaults={DEFAULTS}
        onChange={setFilters}
      />
      <DataTable
        name="logs"
        label={t.title}
        columns={useLogColumns()}
        data={logs.data}
        rowId={(row) => row.request_id}
        csv={`/api/accounts/${account}/logs.csv${asQueryText(asked)}`}
        markedId={open.request || null}
        onOpen={(row) => setOpen({ request: row.request_id })}
        toolbar={
          <Switch
            size="sm"
            label={t.live}
            checked={isLive}
            onChange={(event) => setLive(event.currentTarget.checked)}
          />
        }
        empty={
          isFiltered ? (
            <EmptyRows title={t.shell.noMatch} />
          ) : (
            <EmptyRows
              title={t.emptyTitle}
              text={t.emptyText}
              action={<RouterButton to="/playground">{overview.tryIt}</RouterButton>}
            />
          )
        }
      />
      <span className="y-hidden" role="status">
        {isLive && logs.arrived > 0 ? t.arrived(logs.arrived) : ''}
      </span>
      <LogDrawer requestId={open.request || null} onClose={() => setOpen({ request: '' })} />
    </PageFrame>
  );
}

function useBar(filters: Record<keyof typeof DEFAULTS, string>) {
  const t = useWords(words);
  const usage = useWords(usageWords);
  const models = useOfferedModels().data?.items ?? [];
  const tokens = useApiTokens().data?.items ?? [];
  const all = { value: '', label: t.shell.all };
  const names = [
    ...new Set([...models.map((model) => model.name), filters.model].filter((name) => name !== '')),
  ];
  const outcomes = Object.entries(usage.outcomes).map(([value, label]) => ({ value, label }));
  return [
    ...rangeFilters(t, filters),
    {
      name: 'model',
      label: usage.model,
      options: [all, ...names.map((name) => ({ value: name, label: name }))],
    },
    {
      name: 'token',
      label: usage.token,
      options: [all, ...tokens.map(({ id, name }) => ({ value: id, label: name }))],
    },
    { name: 'outcome', label: t.outcome, options: [all, ...outcomes] },
    ...(filters.endpoint === ''
      ? []
      : [
          {
            name: 'endpoint',
            label: t.endpoint,
            options: [all, { value: filters.endpoint, label: filters.endpoint }],
          },
        ]),
    { name: 'errors', label: usage.errors, options: [all, { value: 'true', label: t.onlyErrors }] },
  ];
}
