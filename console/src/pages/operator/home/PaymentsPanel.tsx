// Money that comes in online, at a glance: what waits for whom.
import { SimpleGrid } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { PaymentsSummary } from '~/api/types';
import { useWords } from '~/i18n';
import { Count } from '~/ui/Count';
import { RouterLink } from '~/ui/RouterLink';
import { Stat } from '~/ui/Stat';
import { words } from './words';

export function PaymentsPanel() {
  const t = useWords(words);
  const query = useQuery({
    queryKey: ['operator', 'payments', 'summary'],
    queryFn: () => call<PaymentsSummary>(api.GET('/api/operator/payments/summary')),
  });
  const found = query.data;
  if (!found || found.methods === 0) return null;
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }}>
      <Stat
        label={t.ordersPending}
        value={<Count value={found.pending} />}
        hint={<RouterLink to="/operator/payments">{t.seePayments}</RouterLink>}
      />
      <Stat
        label={t.ordersReview}
        value={<Count value={found.review} />}
        hint={
          <RouterLink to="/operator/payments" search={{ tab: 'review' } as never}>
            {t.seePayments}
          </RouterLink>
        }
      />
      <Stat
        label={t.compared}
        value={<Count value={found.differences} />}
        hint={
          <RouterLink to="/operator/payments" search={{ tab: 'days' } as never}>
            {found.compared ?? t.neverCompared}
          </RouterLink>
        }
      />
    </SimpleGrid>
  );
}
