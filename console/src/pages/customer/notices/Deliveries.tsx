// What was told lately, and what could not be.
import { Badge, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Delivery } from '~/api/types';
import { rowsOf } from '~/data/rows';
import { useWords } from '~/i18n';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { useChoices } from './choices';
import type { NoticeSource } from './source';
import { words } from './words';

const COLORS: Record<string, string> = { delivered: 'green', waiting: 'yellow', dead: 'red' };

export function Deliveries({ source }: { source: NoticeSource }) {
  const t = useWords(words);
  const { eventTitle } = useChoices();
  const query = useQuery({
    queryKey: [...source.key, 'deliveries'],
    queryFn: source.deliveries,
  });
  const states: Record<string, string> = t.states;
  const columns: Column<Delivery>[] = [
    { id: 'at', header: t.at, cell: (row) => <Time at={row.at} /> },
    { id: 'event', header: t.event, cell: (row) => eventTitle(row.event) },
    { id: 'place', header: t.place, cell: (row) => row.sink },
    {
      id: 'state',
      header: t.state,
      cell: (row) => (
        <Badge variant="light" color={COLORS[row.state] ?? 'gray'}>
          {states[row.state] ?? row.state}
        </Badge>
      ),
    },
    { id: 'tries', header: t.tries, isRight: true, cell: (row) => row.tries },
    { id: 'reason', header: t.said, cell: (row) => row.reason || t.shell.none },
    { id: 'next', header: t.next, cell: (row) => <Time at={row.next} /> },
  ];
  return (
    <DataTable
      isPlain
      name="deliveries"
      label={t.deliveries}
      columns={columns}
      data={rowsOf(query)}
      rowId={(row) => row.id}
      empty={<EmptyRows title={t.noDeliveries} text={t.noDeliveriesText} />}
      toolbar={
        <Title order={2} size="h4">
          {t.deliveries}
        </Title>
      }
    />
  );
}
