// Orders that were paid at the gateway before; nothing is shown where there were none.
import { Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { EarlierOrder, Listed } from '~/api/types';
import { rowsOf } from '~/data/rows';
import { useWords } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { Time } from '~/ui/Time';
import { type Column, DataTable } from '~/ui/table/DataTable';
import { words } from './words';

export function EarlierOrders({ account }: { account: string }) {
  const t = useWords(words);
  const query = useQuery({
    queryKey: ['account', account, 'earlier-orders'],
    queryFn: () =>
      call<Listed<EarlierOrder>>(
        api.GET('/api/accounts/{account}/earlier-orders', { params: { path: { account } } }),
      ),
  });
  if (!query.data || query.data.items.length === 0) return null;
  const columns: Column<EarlierOrder>[] = [
    { id: 'number', header: t.number, cell: (row) => <span className="y-mono">{row.number}</span> },
    { id: 'state', header: t.state, cell: (row) => row.state },
    { id: 'paid', header: t.paid, isRight: true, cell: (row) => row.paid },
    {
      id: 'credit',
      header: t.credit,
      isRight: true,
      cell: (row) => <Amount micros={row.credit} />,
    },
    { id: 'time', header: t.time, cell: (row) => <Time at={row.at} /> },
  ];
  return (
    <Stack gap="xs" data-part="earlier-orders">
      <Title order={2} size="h4">
        {t.earlier}
      </Title>
      <Text c="dimmed" size="sm">
        {t.earlierText}
      </Text>
      <DataTable
        isPlain
        name="earlier-orders"
        label={t.earlier}
        columns={columns}
        data={rowsOf(query)}
        rowId={(row) => `${row.number} ${row.at}`}
        empty={null}
      />
    </Stack>
  );
}
