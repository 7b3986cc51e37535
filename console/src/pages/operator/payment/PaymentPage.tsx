// One order with everything that was said of it, and what a person may do.
import { Badge, Button, Group } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { OrderDetails } from '~/api/types';
import { useWords } from '~/i18n';
import { Details } from '~/pages/customer/order/Details';
import { words as orderWords } from '~/pages/customer/order/words';
import { reasonOf, stateOf } from '~/pages/operator/payments/reason';
import { words as paymentsWords } from '~/pages/operator/payments/words';
import { useMay } from '~/shell/may';
import { ConfirmDialog } from '~/ui/ConfirmDialog';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { ErrorState, LoadingState } from '~/ui/States';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastRefused } from '~/ui/toast';
import { type Deed, DeedDialog } from './DeedDialog';
import { words } from './words';

export default function PaymentPage() {
  const t = useWords(words);
  const queries = useQueryClient();
  const { order: id } = useParams({ strict: false }) as { order: string };
  const key = ['operator', 'payment', id];
  const query = useQuery({
    queryKey: key,
    queryFn: () =>
      call<OrderDetails>(
        api.GET('/api/operator/payments/orders/{order}', { params: { path: { order: id } } }),
      ),
  });
  if (query.data)
    return <Shown order={query.data} onChanged={(next) => queries.setQueryData(key, next)} />;
  return (
    <PageFrame title={t.title}>
      <Panel>
        {query.error ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <LoadingState />
        )}
      </Panel>
    </PageFrame>
  );
}

function Shown(props: { order: OrderDetails; onChanged: (order: OrderDetails) => void }) {
  const t = useWords(words);
  const states = useWords(orderWords).states as Record<string, string>;
  const reasons = useWords(paymentsWords).reasons;
  const { order, onChanged } = props;
  const mayPay = useMay('owner', 'finance');
  const mayCheck = useMay('owner', 'finance', 'support');
  const [deed, setDeed] = useState<Deed | null>(null);
  const check = async () => {
    try {
      const path = { order: order.id };
      onChanged(
        await call<OrderDetails>(
          api.POST('/api/operator/payments/orders/{order}/check', { params: { path } }),
        ),
      );
    } catch (reason) {
      toastRefused(reason);
    }
  };
  const isDone = order.state === 'credited' || order.state === 'paid';
  return (
    <PageFrame
      title={t.title}
      intro={
        <Group gap="xs">
          <Badge variant="light">{states[stateOf(order)]}</Badge>
          {reasonOf(order.reason, reasons)}
        </Group>
      }
      actions={
        <>
          {mayCheck && (
            <Button variant="default" onClick={() => void check()}>
              {t.check}
            </Button>
          )}
          {mayPay && !isDone && (
            <Button variant="default" onClick={() => setDeed('credit')}>
              {t.credit}
            </Button>
          )}
          {mayPay && stateOf(order) === 'review' && (
            <Button variant="default" onClick={() => setDeed('dismiss')}>
              {t.dismiss}
            </Button>
          )}
          {mayPay && (order.state === 'credited' || order.state === 'review') && (
            <Button color="red" variant="default" onClick={() => setDeed('refund')}>
              {t.refund}
            </Button>
          )}
        </>
      }
    >
      <Details order={order} />
      <Refunds order={order} mayPay={mayPay} onResolved={() => void check()} />
      <Events order={order} />
      {deed && (
        <DeedDialog
          deed={deed}
          order={order}
          onClose={() => setDeed(null)}
          onDone={(next) => {
            onChanged(next);
            setDeed(null);
          }}
        />
      )}
    </PageFrame>
  );
}

function Refunds(props: { order: OrderDetails; mayPay: boolean; onResolved: () => void }) {
  const t = useWords(words);
  const { order, mayPay } = props;
  type Row = OrderDetails['refunds'][number];
  const [open, setOpen] = useState<{ refund: Row; isDone: boolean } | null>(null);
  const resolve = async () => {
    if (open === null) return;
    await call(
      api.POST('/api/operator/payments/refunds/{refund}/resolve', {
        params: { path: { refund: open.refund.id } },
        body: { is_done: open.isDone },
      }),
    );
    props.onResolved();
  };
  const columns: Column<Row>[] = [
    { id: 'time', header: t.time, cell: (row) => <Time at={row.at} /> },
    { id: 'amount', header: t.amount, isRight: true, cell: (row) => row.amount },
    { id: 'state', header: t.state, cell: (row) => t.refundStates[row.state] ?? row.state },
    { id: 'why', header: t.why, cell: (row) => row.reason },
    {
      id: 'do',
      header: '',
      isRight: true,
      cell: (row) =>
        mayPay && row.state === 'sent' ? (
          <Group gap="xs" justify="flex-end">
            {[true, false].map((isDone) => (
              <Button
                key={String(isDone)}
                size="xs"
                variant="default"
                onClick={() => setOpen({ refund: row, isDone })}
              >
                {isDone ? t.isDone : t.isFailed}
              </Button>
            ))}
          </Group>
        ) : null,
    },
  ];
  if (order.refunds.length === 0) return null;
  return (
    <>
      <DataTable
        isPlain
        name="refunds"
        label={t.refunds}
        columns={columns}
        data={fixed(order.refunds)}
        rowId={(row) => row.id}
        empty={<EmptyRows title={t.noRefunds} />}
      />
      <ConfirmDialog
        isOpen={open !== null}
        title={t.refund}
        text={t.resolveText}
        action={open?.isDone ? t.isDone : t.isFailed}
        onConfirm={resolve}
        onClose={() => setOpen(null)}
      />
    </>
  );
}

function Events({ order }: { order: OrderDetails }) {
  const t = useWords(words);
  type Row = OrderDetails['events'][number];
  const columns: Column<Row>[] = [
    { id: 'time', header: t.time, cell: (row) => <Time at={row.at} /> },
    { id: 'source', header: t.source, cell: (row) => row.source },
    { id: 'verdict', header: t.verdict, cell: (row) => row.verdict },
    {
      id: 'facts',
      header: t.facts,
      cell: (row) => (
        <span className="y-mono" style={{ overflowWrap: 'anywhere' }}>
          {Object.entries(row.facts)
            .map(([name, value]) => `${name}=${String(value)}`)
            .join(' ')}
        </span>
      ),
    },
  ];
  return (
    <DataTable
      isPlain
      name="payment-events"
      label={t.events}
      columns={columns}
      data={fixed(order.events)}
      rowId={(row) => `${row.at}${row.verdict}${row.event}`}
      empty={<EmptyRows title={t.noEvents} />}
    />
  );
}

function fixed<Row>(rows: Row[]) {
  return { rows, isLoading: false, error: null, retry: () => undefined };
}
