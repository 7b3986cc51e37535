// One order: what to pay with, how long, and what became of it. It asks again by itself,
// ever more rarely, and not while nobody looks.
import { Alert, Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api, call } from '~/api/client';
import type { Order } from '~/api/types';
import { useWords } from '~/i18n';
import { useAccountId } from '~/shell/site';
import { Amount } from '~/ui/Amount';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { RouterButton } from '~/ui/RouterLink';
import { ErrorState, LoadingState } from '~/ui/States';
import { Time } from '~/ui/Time';
import { toastRefused } from '~/ui/toast';
import { Checkout } from './Checkout';
import { Details } from './Details';
import { ReceiptPanel } from './ReceiptPanel';
import { words } from './words';

const OPEN = ['created', 'pending', 'paid'];
const COLORS: Record<string, string> = {
  credited: 'green',
  paid: 'teal',
  pending: 'blue',
  created: 'blue',
  review: 'yellow',
  failed: 'red',
};

export default function OrderPage() {
  const t = useWords(words);
  const account = useAccountId();
  const queries = useQueryClient();
  const { order: id } = useParams({ strict: false }) as { order: string };
  const key = ['account', account, 'order', id];
  const query = useQuery({
    queryKey: key,
    queryFn: () =>
      call<Order>(
        api.GET('/api/accounts/{account}/orders/{order}', {
          params: { path: { account, order: id } },
        }),
      ),
    refetchInterval: ({ state }) =>
      state.data && !OPEN.includes(state.data.state) ? false : pause(state.dataUpdateCount),
  });
  const order = query.data;
  const isCredited = order?.state === 'credited';
  useEffect(() => {
    if (isCredited) void queries.invalidateQueries({ queryKey: ['account', account, 'overview'] });
  }, [isCredited, queries, account]);
  return (
    <PageFrame title={t.title}>
      {!order && (
        <Panel>
          {query.error ? (
            <ErrorState error={query.error} onRetry={() => void query.refetch()} />
          ) : (
            <LoadingState />
          )}
        </Panel>
      )}
      {order && <Shown order={order} onChanged={(changed) => queries.setQueryData(key, changed)} />}
    </PageFrame>
  );
}

/** 2 s at first, then 5, then 15. */
function pause(count: number): number {
  if (count < 60) return 2_000;
  return count < 120 ? 5_000 : 15_000;
}

function Shown({ order, onChanged }: { order: Order; onChanged: (order: Order) => void }) {
  const t = useWords(words);
  const isOpen = order.state === 'pending' || order.state === 'created';
  const isDismissed = order.state === 'review' && order.reason === 'dismissed';
  const state = isDismissed ? 'dismissed' : order.state;
  return (
    <Stack>
      <Panel>
        <Stack gap="sm">
          <Group gap="sm" role="status" aria-live="polite">
            <Badge size="lg" variant="light" color={COLORS[order.state] ?? 'gray'}>
              {(t.states as Record<string, string>)[state]}
            </Badge>
            {order.is_test && <Badge color="yellow">{t.isTest}</Badge>}
            {order.state === 'credited' && (
              <Text fw={650}>
                <Amount micros={order.credit + order.bonus} show="both" />
              </Text>
            )}
          </Group>
          <Text>{(t.texts as Record<string, string>)[state]}</Text>
          {order.state === 'failed' && order.reason && <Alert color="red">{order.reason}</Alert>}
          {isOpen && (
            <Checkout
              amount={`${order.amount} ${order.currency.toUpperCase()}`}
              show={order.show}
              picture={order.picture}
              expires={order.expires}
            />
          )}
          <Actions order={order} isOpen={isOpen} onChanged={onChanged} />
        </Stack>
      </Panel>
      <Details order={order} />
      {order.state === 'credited' && <ReceiptPanel order={order} />}
    </Stack>
  );
}

function Actions(props: { order: Order; isOpen: boolean; onChanged: (order: Order) => void }) {
  const t = useWords(words);
  const account = useAccountId();
  const navigate = useNavigate();
  const [isBusy, setBusy] = useState(false);
  const path = { account, order: props.order.id };
  const act = async (asking: () => Promise<Order>) => {
    setBusy(true);
    try {
      props.onChanged(await asking());
    } catch (reason) {
      toastRefused(reason);
    } finally {
      setBusy(false);
    }
  };
  const again = () => navigate({ to: '/top-up', search: { amount: String(props.order.credit) } });
  const check = () =>
    call<Order>(api.POST('/api/accounts/{account}/orders/{order}/check', { params: { path } }));
  const cancel = () =>
    call<Order>(api.POST('/api/accounts/{account}/orders/{order}/cancel', { params: { path } }));
  return (
    <Group gap="xs" className="y-no-print">
      {props.order.state !== 'credited' && props.order.state !== 'review' && (
        <Button variant="default" loading={isBusy} onClick={() => void act(check)}>
          {t.paidAlready}
        </Button>
      )}
      {props.isOpen && (
        <Button variant="subtle" color="gray" disabled={isBusy} onClick={() => void act(cancel)}>
          {t.cancel}
        </Button>
      )}
      {!props.isOpen && (
        <Button variant="default" onClick={() => void again()}>
          {t.again}
        </Button>
      )}
      {props.order.state === 'credited' && (
        <RouterButton to="/statement" variant="default">
          {t.statement}
        </RouterButton>
      )}
      <Text size="sm" c="dimmed">
        <Time at={props.order.created} />
      </Text>
    </Group>
  );
}
