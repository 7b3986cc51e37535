// The account as its customer sees it on the overview, and the tier that it has.
import { SimpleGrid, Stack } from '@mantine/core';
import type { AccountDetail } from '~/api/types';
import { useOverview } from '~/data/accountData';
import { useWords } from '~/i18n';
import { Figures, SpendChart } from '~/pages/customer/overview/Figures';
import { words as overviewWords } from '~/pages/customer/overview/words';
import { words } from '~/pages/operator/accounts/words';
import { Amount } from '~/ui/Amount';
import { Panel } from '~/ui/Panel';
import { Stat } from '~/ui/Stat';
import { ErrorState, LoadingState } from '~/ui/States';

export function OverviewTab({ account }: { account: AccountDetail }) {
  const t = useWords(words);
  const overview = useWords(overviewWords);
  const query = useOverview();
  if (query.error && !query.data)
    return (
      <Panel>
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      </Panel>
    );
  if (!query.data)
    return (
      <Panel>
        <LoadingState />
      </Panel>
    );
  return (
    <Stack>
      <Figures overview={query.data} />
      <Panel title={overview.spendByDay}>
        <SpendChart overview={query.data} />
      </Panel>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
        <Stat
          label={t.tier}
          value={`× ${account.tier.rate}`}
          hint={
            <>
              {t.tierFrom} <Amount micros={account.tier.min_balance} digits={2} />
            </>
          }
        />
      </SimpleGrid>
    </Stack>
  );
}
