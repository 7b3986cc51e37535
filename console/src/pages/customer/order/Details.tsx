// The particulars of an order, as a list of terms.
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Order } from '~/api/types';
import { useWords } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { Panel } from '~/ui/Panel';
import { Time } from '~/ui/Time';
import { words } from './words';

interface Row {
  name: string;
  value: ReactNode;
}

export function Details({ order }: { order: Order }) {
  const t = useWords(words);
  const types = t.types as Record<string, string | undefined>;
  const rows: Row[] = [
    { name: t.number, value: <span className="y-mono">{order.number}</span> },
    { name: t.method, value: types[order.type] ?? order.method },
    {
      name: order.credited ? t.paid : t.pays,
      value: `${order.amount} ${order.currency.toUpperCase()}`,
    },
    { name: t.credit, value: <Amount micros={order.credit} show="both" /> },
    { name: t.made, value: <Time at={order.created} /> },
  ];
  if (order.bonus > 0)
    rows.push({ name: t.bonus, value: <Amount micros={order.bonus} show="both" /> });
  if (order.credited) rows.push({ name: t.creditedAt, value: <Time at={order.credited} /> });
  if (order.payment_ref)
    rows.push({
      name: t.paymentRef,
      value: <span className="y-mono">{order.payment_ref}</span>,
    });
  if (order.refunded > 0)
    rows.push({
      name: t.refunded,
      value: (
        <>
          {order.refunded_amount} {order.currency.toUpperCase()} (
          <Amount micros={order.refunded} show="both" />)
        </>
      ),
    });
  return (
    <Panel>
      <dl style={{ display: 'grid', gridTemplateColumns: 'auto 1fr', gap: '6px 16px', margin: 0 }}>
        {rows.map(({ name, value }) => (
          <div key={name} style={{ display: 'contents' }}>
            <Text component="dt" c="dimmed">
              {name}
            </Text>
            <Text component="dd" m={0} style={{ overflowWrap: 'anywhere' }}>
              {value}
            </Text>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
