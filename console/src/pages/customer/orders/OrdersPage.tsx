// All orders of the account; each leads to its own page with its receipt.
import { useNavigate } from '@tanstack/react-router';
import { api, call } from '~/api/client';
import type { Order } from '~/api/types';
import { useKeyset } from '~/data/rows';
import { useWords } from '~/i18n';
import { words as orderWords } from '~/pages/customer/order/words';
import { useAccountId } from '~/shell/site';
import { Amount } from '~/ui/Amount';
import { PageFrame } from '~/ui/PageFrame';
import { RouterButton, RouterLink } from '~/ui/RouterLink';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { EarlierOrders } from './EarlierOrders';
import { words } from './words';

export default function OrdersPage() {
  const t = useWords(words);
  const states = useWords(orderWords).states as Record<string, string>;
  const account = useAccountId();
  const navigate = useNavigate();
  const data = useKeyset<Order>(['account', account, 'orders'], (after) =>
    call<{ items: Order[]; next: string | null }>(
      api.GET('/api/accounts/{account}/orders', {
        params: { path: { account }, query: { after } },
      }),
    ),
  );
  const columns: Column<Order>[] = [
    {
      id: 'number',
      header: t.number,
      cell: (row) => (
        <RouterLink to="/orders/$order" params={{ order: row.id }}>
          <span className="y-mono">{row.number.slice(0, 12)}…</span>
        </RouterLink>
      ),
    },
    { id: 'state', header: t.state, cell: (row) => states[row.state] },
    {
      id: 'paid',
      header: t.paid,
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
  return (
    <PageFrame title={t.title} intro={t.intro}>
      <DataTable
        name="orders"
        label={t.title}
        columns={columns}
        data={data}
        rowId={(row) => row.id}
        csv={`/api/accounts/${account}/orders.csv`}
        onOpen={(row) => void navigate({ to: '/orders/$order', params: { order: row.id } })}
        empty={
          <EmptyRows
            title={t.empty}
            text={t.emptyText}
            action={
              <RouterButton to="/top-up" variant="default">
                {t.topUp}
              </RouterButton>
            }
          />
        }
      />
      <EarlierOrders account={account} />
    </PageFrame>
  );
}
