// A month of the account on one sheet: what was used by model, what was paid in, and the balances
// at both ends, as the ledger has them; to print or keep as PDF.
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { MonthInvoice } from '~/api/types';
import { useFilters } from '~/data/filters';
import { useWords } from '~/i18n';
import { useAccountId, useSite } from '~/shell/site';
import { Amount } from '~/ui/Amount';
import { Count } from '~/ui/Count';
import { FilterBar } from '~/ui/FilterBar';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { ErrorState, LoadingState } from '~/ui/States';
import { Table } from '~/ui/table/Table';
import { words } from './words';

const DEFAULTS = { month: '' };
const MONTHS = 24;

export default function InvoicePage() {
  const t = useWords(words);
  const account = useAccountId();
  const [filters, setFilters] = useFilters(DEFAULTS);
  const query = useQuery({
    queryKey: ['account', account, 'invoice', filters.month],
    queryFn: () =>
      call<MonthInvoice>(
        api.GET('/api/accounts/{account}/invoice', {
          params: { path: { account }, query: filters.month ? { month: filters.month } : {} },
        }),
      ),
  });
  const months = lastMonths(new Date());
  const options = months.map((month, at) => ({ value: at === 0 ? '' : month, label: month }));
  return (
    <PageFrame
      title={t.title}
      actions={
        <Button variant="default" className="y-no-print" onClick={() => window.print()}>
          {t.print}
        </Button>
      }
    >
      <FilterBar
        filters={[{ name: 'month', label: t.month, options }]}
        values={filters}
        defaults={DEFAULTS}
        onChange={setFilters}
      />
      {query.data ? (
        <Sheet invoice={query.data} />
      ) : (
        <Panel>
          {query.error ? (
            <ErrorState error={query.error} onRetry={() => void query.refetch()} />
          ) : (
            <LoadingState />
          )}
        </Panel>
      )}
    </PageFrame>
  );
}

function Sheet({ invoice }: { invoice: MonthInvoice }) {
  const t = useWords(words);
  const site = useSite();
  return (
    <Panel title={`${t.title} ${invoice.month}`}>
      <Stack data-invoice={invoice.month}>
        {!invoice.is_over && <Alert color="yellow">{t.open}</Alert>}
        <Stack gap={2}>
          <Text>
            {t.seller}: {site.seller || site.name}
            {site.seller_tax_number && ` · ${t.taxNumber}: ${site.seller_tax_number}`}
          </Text>
          <Text>
            {t.account}: {invoice.account} · <span className="y-mono">{invoice.account_id}</span>
          </Text>
          <Text>
            {t.period}: {invoice.since.slice(0, 10)} – {lastDay(invoice.until)}
          </Text>
        </Stack>
        {invoice.lines.length === 0 ? <Text c="dimmed">{t.empty}</Text> : <Lines of={invoice} />}
        <Fact label={t.opening} micros={invoice.opening} />
        <Fact label={t.paidIn} micros={invoice.paid_in} />
        {invoice.adjusted !== 0 && <Fact label={t.adjusted} micros={invoice.adjusted} />}
        <Fact label={t.total} micros={-invoice.total} />
        <Fact label={t.closing} micros={invoice.closing} isStrong />
      </Stack>
    </Panel>
  );
}

function Lines({ of }: { of: MonthInvoice }) {
  const t = useWords(words);
  return (
    <Table label={t.title} isCards>
      <thead>
        <tr>
          <th>{t.model}</th>
          <th className="y-right">{t.requests}</th>
          <th className="y-right">{t.input}</th>
          <th className="y-right">{t.output}</th>
          <th className="y-right">{t.charged}</th>
          <th className="y-right">{t.refunded}</th>
        </tr>
      </thead>
      <tbody>
        {of.lines.map((line) => (
          <tr key={line.model ?? ''}>
            <td className="y-mono" data-label={t.model}>
              {line.model ?? t.expired}
            </td>
            <td className="y-right" data-label={t.requests}>
              <Count value={line.requests} />
            </td>
            <td className="y-right" data-label={t.input}>
              <Count value={line.input_tokens} />
            </td>
            <td className="y-right" data-label={t.output}>
              <Count value={line.output_tokens} />
            </td>
            <td className="y-right" data-label={t.charged}>
              <Amount micros={line.charged} digits={6} />
            </td>
            <td className="y-right" data-label={t.refunded}>
              <Amount micros={line.refunded} digits={6} />
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Fact(props: { label: string; micros: number; isStrong?: boolean }) {
  return (
    <Group justify="space-between" data-fact={props.micros}>
      <Text fw={props.isStrong ? 700 : undefined}>{props.label}</Text>
      <Amount micros={props.micros} show="both" fw={props.isStrong ? 700 : 500} />
    </Group>
  );
}

/** This month and those before it, as `2026-11`, in UTC. */
function lastMonths(now: Date): string[] {
  return Array.from({ length: MONTHS }, (_, back) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back)).toISOString().slice(0, 7),
  );
}

function lastDay(until: string): string {
  return new Date(Date.parse(until) - 1).toISOString().slice(0, 10);
}
