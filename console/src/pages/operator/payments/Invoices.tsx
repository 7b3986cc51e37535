// What customers have asked invoices (发票) for; an operator makes them elsewhere and says so.
import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { Invoice, Listed } from '~/api/types';
import { rowsOf } from '~/data/rows';
import { useWords } from '~/i18n';
import { useMay } from '~/shell/may';
import { RouterLink } from '~/ui/RouterLink';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastRefused } from '~/ui/toast';
import { words } from './words';

const KEY = ['operator', 'payments', 'invoices'];

export function Invoices() {
  const t = useWords(words);
  const queries = useQueryClient();
  const mayPay = useMay('owner', 'finance');
  const query = useQuery({
    queryKey: KEY,
    queryFn: () => call<Listed<Invoice>>(api.GET('/api/operator/payments/invoices')),
  });
  const close = async (row: Invoice) => {
    try {
      const params = { path: { invoice: row.id } };
      await call(api.POST('/api/operator/payments/invoices/{invoice}/done', { params }));
      await queries.invalidateQueries({ queryKey: KEY });
    } catch (reason) {
      toastRefused(reason);
    }
  };
  const columns: Column<Invoice>[] = [
    { id: 'time', header: t.time, cell: (row) => <Time at={row.at} /> },
    {
      id: 'order',
      header: t.order,
      cell: (row) => (
        <RouterLink to="/operator/payments/$order" params={{ order: row.order }}>
          <span className="y-mono">{row.order.slice(0, 16)}…</span>
        </RouterLink>
      ),
    },
    {
      id: 'amount',
      header: t.amount,
      isRight: true,
      cell: (row) => `${row.amount} ${row.currency.toUpperCase()}`,
    },
    { id: 'title', header: t.invoiceTitle, cell: (row) => row.title },
    { id: 'tax', header: t.taxNumber, cell: (row) => row.tax_number },
    { id: 'email', header: t.email, cell: (row) => row.email },
    {
      id: 'do',
      header: t.state,
      isRight: true,
      cell: (row) =>
        row.done === null && mayPay ? (
          <Button size="xs" variant="default" onClick={() => void close(row)}>
            {t.markMade}
          </Button>
        ) : (
          row.done && t.made
        ),
    },
  ];
  return (
    <DataTable
      isPlain
      name="invoices"
      label={t.tabs.invoices}
      columns={columns}
      data={rowsOf(query)}
      rowId={(row) => row.id}
      empty={<EmptyRows title={t.noInvoices} />}
    />
  );
}
