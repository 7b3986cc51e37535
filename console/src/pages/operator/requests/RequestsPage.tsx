// Every request of the shop, refused ones too, newest first. Filters and the open request are
// in the address; a request id finds its request at once.
import { useQuery } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { ChannelView } from '~/api/types';
import { asQuery, asQueryText, useFilters } from '~/data/filters';
import { RANGE, rangeFilters, rangeQuery } from '~/data/range';
import { useWords } from '~/i18n';
import { errorCodes } from '~/i18n/errorCodes';
import { FilterBar } from '~/ui/FilterBar';
import { PageFrame } from '~/ui/PageFrame';
import { DataTable, EmptyRows } from '~/ui/table/DataTable';
import { useRequestColumns } from './columns';
import { RequestDrawer } from './RequestDrawer';
import { useRequests } from './useRequests';
import { words } from './words';

const DEFAULTS = {
  ...RANGE,
  range: 'd7',
  account: '',
  token: '',
  model: '',
  channel: '',
  status: '',
  code: '',
  errors: '',
};
const OPEN = { request: '', do: '' };

export default function RequestsPage() {
  const t = useWords(words);
  const [filters, setFilters] = useFilters(DEFAULTS);
  const [open, setOpen] = useFilters(OPEN);
  const { range: _range, since: _since, until: _until, ...rest } = filters;
  const asked = { ...rangeQuery(filters), ...asQuery(rest) };
  const isFiltered = Object.values(rest).some((value) => value !== '');
  return (
    <PageFrame title={t.title}>
      <FilterBar
        filters={useBar(filters)}
        values={filters}
        defaults={DEFAULTS}
        onChange={setFilters}
      />
      <DataTable
        name="operator-requests"
        label={t.title}
        columns={useRequestColumns()}
        data={useRequests(asked)}
        rowId={(row) => row.request_id}
        csv={`/api/operator/requests.csv${asQueryText(asked)}`}
        markedId={open.request || null}
        onOpen={(row) => setOpen({ request: row.request_id, do: '' })}
        empty={
          isFiltered ? (
            <EmptyRows title={t.shell.noMatch} />
          ) : (
            <EmptyRows title={t.empty} text={t.emptyText} />
          )
        }
      />
      <RequestDrawer
        requestId={open.request || null}
        isRefunding={open.do === 'refund'}
        onClose={() => setOpen({ request: '', do: '' })}
      />
    </PageFrame>
  );
}

function useBar(filters: Record<keyof typeof DEFAULTS, string>) {
  const t = useWords(words);
  const codes = Object.keys(useWords(errorCodes)).filter((code) => code !== 'shell');
  const channels = useQuery({
    queryKey: ['operator', 'channels'],
    queryFn: () => call<{ items: ChannelView[] }>(api.GET('/api/operator/channels')),
  });
  const all = { value: '', label: t.shell.all };
  const names = channels.data?.items.map(({ name }) => name) ?? [];
  return [
    ...rangeFilters(t, filters),
    { name: 'account', label: t.account, placeholder: t.accountHint },
    { name: 'token', label: t.token, placeholder: t.tokenHint },
    { name: 'model', label: t.model },
    { name: 'channel', label: t.channel, options: [all, ...optionsOf(names, filters.channel)] },
    { name: 'status', label: t.status, placeholder: t.statusHint },
    { name: 'code', label: t.code, options: [all, ...optionsOf(codes, filters.code)] },
    { name: 'errors', label: t.errors, options: [all, { value: 'true', label: t.onlyErrors }] },
  ];
}

function optionsOf(names: string[], chosen: string) {
  const every = [...new Set([...names, chosen].filter((name) => name !== ''))];
  return every.map((name) => ({ value: name, label: name }));
}
