// Orders of all customers, the latest first; what is asked for stands in the address.
import { Group, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api, call } from '~/api/client';
import type { Listed, Order, PaymentMethod } from '~/api/types';
import { asQueryText } from '~/data/filters';
import { useKeyset } from '~/data/rows';
import { useWords } from '~/i18n';
import { words as orderWords } from '~/pages/customer/order/words';
import { Amount } from '~/ui/Amount';
import { RouterLink } from '~/ui/RouterLink';
import { Time } from '~/ui/Time';
import { type Column, DataTable } from '~/ui/table/DataTable';
import { reasonOf, stateOf } from './reason';
import { words } from './words';

export interface OrderFilters {
  state: string;
  method: string;
  test: string;
  older: string;
}

const AGES = { '60': 'hour', '1440': 'day', '10080': 'week' } as const;

export function Orders(props: {
  filters: OrderFilters;
  onFilters?: (filters: OrderFilters) => void;
  empty: React.ReactNode;
}) {
  const t = useWords(words);
  const states = useWords(orderWords).states as Record<string, string>;
  const navigate = useNavigate();
  const { filters, onFilters } = props;
  const { state, method, test, older } = filters;
  const asked = {
    state: state || undefined,
    method: method || undefined,
    test: (test || undefined) as '0' | '1' | undefined,
    older_minutes: older in AGES ? Number(older) : undefined,
  };
  const data = useKeyset<Order>(['operator', 'payments', state, method, test, older], (after) =>
    call<{ items: Order[]; next: string | null }>(
      api.GET('/api/operator/payments/orders', { params: { query: { after, ...asked } } }),
    ),
  );
  const methods = useQuery({
    queryKey: ['operator', 'payment-methods'],
    queryFn: () => call<Listed<PaymentMethod>>(api.GET('/api/operator/payment-methods')),
  });
  const ways = (methods.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }));
  const choices = [
    { value: '', label: t.allStates },
    ...Object.entries(states).map(([value, label]) => ({ value, label })),
  ];
  return (
    <DataTable
      name="payments"
      label={t.tabs.orders}
      columns={useColumns()}
      data={data}
      rowId={(row) => row.id}
      csv={`/api/operator/payments/orders.csv${asQueryText({ state, method, test, older_minutes: older })}`}
      onOpen={(row) =>
        void navigate({ to: '/operator/payments/$order', params: { order: row.id } })
      }
      toolbar={
        onFilters && (
          <Group gap="xs">
            <NativeSelect
              size="xs"
              aria-label={t.state}
              data={choices}
              value={state}
              onChange={(event) => onFilters({ ...filters, state: event.currentTarget.value })}
            />
            <NativeSelect
              size="xs"
              aria-label={t.method}
              data={[{ value: '', label: t.allMethods }, ...ways]}
              value={method}
              onChange={(event) => onFilters({ ...filters, method: event.currentTarget.value })}
            />
            <NativeSelect
              size="xs"
              aria-label={t.purpose}
              data={[
                { value: '', label: t.purposes.any },
                { value: '0', label: t.purposes.real },
                { value: '1', label: t.purposes.test },
              ]}
              value={test}
              onChange={(event) => onFilters({ ...filters, test: event.currentTarget.value })}
            />
            <NativeSelect
              size="xs"
              aria-label={t.age}
              data={[
                { value: '', label: t.ages.any },
                ...Object.entries(AGES).map(([value, age]) => ({ value, label: t.ages[age] })),
              ]}
              value={older}
              onChange={(event) => onFilters({ ...filters, older: event.currentTarget.value })}
            />
          </Group>
        )
      }
      empty={props.empty}
    />
  );
}

function useColumns(): Column<Order>[] {
  const t = useWords(words);
  const states = useWords(orderWords).states as Record<string, string>;
  return [
    {
      id: 'number',
      header: t.number,
      cell: (row) => (
        <RouterLink to="/operator/payments/$order" params={{ order: row.id }}>
          <span className="y-mono">{row.number.slice(0, 12)}…</span>
        </RouterLink>
      ),
    },
    { id: 'state', header: t.state, cell: (row) => states[stateOf(row)] },
    { id: 'reason', header: t.reason, cell: (row) => reasonOf(row.reason, t.reasons) },
    {
      id: 'account',
      header: t.account,
      cell: (row) => (
        <RouterLink to="/operator/accounts/$account" params={{ account: row.account }}>
          <span className="y-mono">{row.account.slice(0, 13)}…</span>
        </RouterLink>
      ),
    },
    { id: 'method', header: t.method, cell: (row) => row.method },
    {
      id: 'amount',
      header: t.amount,
      isRight: true,
      cell: (row) => `${row.amount} ${row.currency.toUpperCase()}`,
    },
    {
      id: 'credit',
      header: t.credit,
      isRight: true,
      cell: (row) => <Amount micros={row.credit + row.bonus} />,
    },
    { id: 'time', header: t.time, cell: (row) => <Time at={row.created} /> },
  ];
}
