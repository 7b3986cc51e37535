// Every price that a model had, has, or will have.
import { Badge } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { Listed, PriceVersion } from '~/api/types';
import { rowsOf } from '~/data/rows';
import { useWords } from '~/i18n';
import { useCurrency } from '~/shell/site';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { words } from './words';

export function PricesPanel({ model }: { model: string }) {
  const t = useWords(words);
  const { symbol } = useCurrency();
  const query = useQuery({
    queryKey: ['operator', 'prices', model],
    queryFn: () =>
      call<Listed<PriceVersion>>(
        api.GET('/api/operator/models/{model}/prices', { params: { path: { model } } }),
      ),
  });
  const columns: Column<PriceVersion>[] = [
    { id: 'from', header: t.effective, cell: (row) => <Time at={row.effective_at} /> },
    {
      id: 'price',
      header: t.price,
      cell: (row) => `${symbol}${String(row.price.input)} / ${symbol}${String(row.price.output)}`,
    },
    {
      id: 'state',
      header: t.state,
      cell: (row) => (
        <Badge
          variant="light"
          color={row.is_current ? 'green' : row.is_waiting ? 'yellow' : 'gray'}
        >
          {row.is_current ? t.current : row.is_waiting ? t.waiting : t.past}
        </Badge>
      ),
    },
  ];
  return (
    <DataTable
      isPlain
      name="prices"
      label={t.versions}
      columns={columns}
      data={rowsOf(query)}
      rowId={(row) => row.price_id}
      empty={<EmptyRows title={t.noVersions} />}
    />
  );
}
