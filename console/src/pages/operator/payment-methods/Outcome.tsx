// What came of the test: the order itself, and whether its notify arrives from outside.
import { Alert, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api, call } from '~/api/client';
import type { MethodArrival, MethodCheck } from '~/api/types';
import { useWords } from '~/i18n';
import { Checkout } from '~/pages/customer/order/Checkout';
import { Time } from '~/ui/Time';
import { words } from './words';

const LOOK_MS = 2_000;

export function Outcome(props: { checked: MethodCheck; method: string; onArrived: () => void }) {
  const t = useWords(words);
  const { checked } = props;
  return (
    <Stack>
      <Alert
        role="status"
        color={checked.ok ? 'green' : 'red'}
        title={checked.ok ? t.checkOk : t.checkFailed}
      >
        <Stack gap={4}>
          <Text>{t.checked(checked.created ? t.yes : t.no, checked.asked)}</Text>
          {checked.reason && <Text>{checked.reason}</Text>}
          {checked.found_md5_tail && <Text>{t.foundTail}</Text>}
        </Stack>
      </Alert>
      {checked.waits_until && <Arrival key={checked.number} {...props} />}
    </Stack>
  );
}

function Arrival(props: { checked: MethodCheck; method: string; onArrived: () => void }) {
  const t = useWords(words);
  const { checked, method, onArrived } = props;
  const query = useQuery({
    queryKey: ['operator', 'payment-methods', 'arrival', checked.number],
    queryFn: () =>
      call<MethodArrival>(
        api.GET('/api/operator/payment-methods/{method}/check/{number}', {
          params: { path: { method, number: checked.number } },
        }),
      ),
    refetchInterval: ({ state }) =>
      state.data && state.data.state !== 'waiting' ? false : LOOK_MS,
  });
  const state = query.data?.state ?? 'waiting';
  const hasArrived = state === 'arrived';
  useEffect(() => {
    if (hasArrived) onArrived();
  }, [hasArrived, onArrived]);
  const colors: Record<string, string> = { waiting: 'blue', arrived: 'green', missing: 'red' };
  const reasons = t.reasons as Record<string, string>;
  return (
    <Alert
      role="status"
      aria-live="polite"
      color={colors[state]}
      title={(t.arrival as Record<string, string>)[state]}
    >
      {state === 'waiting' && checked.closed !== true && (
        <Stack gap="xs">
          <Text>{t.payIt}</Text>
          {checked.waits_until && (
            <Checkout
              amount={checked.amount}
              show={checked.show}
              picture={checked.picture}
              expires={checked.waits_until}
            />
          )}
        </Stack>
      )}
      {state === 'waiting' && checked.closed === true && <Text>{t.closedIt}</Text>}
      {query.data?.at && (
        <Group gap={4}>
          <Time at={query.data.at} />
        </Group>
      )}
      {state === 'missing' && (
        <Stack gap={4}>
          <Text>{reasons[query.data?.reason ?? ''] ?? query.data?.reason}</Text>
          <Text className="y-mono" style={{ overflowWrap: 'anywhere' }}>
            {checked.notify_url}
          </Text>
        </Stack>
      )}
    </Alert>
  );
}
