// Ways to put money on the account: a panel for each method that this site offers.
import { SimpleGrid } from '@mantine/core';
import { useOverview } from '~/data/accountData';
import { useWords } from '~/i18n';
import { words as overviewWords } from '~/pages/customer/overview/words';
import { useSite } from '~/shell/site';
import { Amount } from '~/ui/Amount';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { Stat } from '~/ui/Stat';
import { ErrorState, LoadingState } from '~/ui/States';
import { METHODS } from './methods';
import { words } from './words';

export default function TopUpPage() {
  const t = useWords(words);
  const overview = useWords(overviewWords);
  const site = useSite();
  const query = useOverview();
  const account = query.data?.account;
  return (
    <PageFrame title={t.title} intro={t.intro}>
      {query.isLoading ? (
        <Panel>
          <LoadingState rows={2} />
        </Panel>
      ) : null}
      {query.error && !account ? (
        <Panel>
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        </Panel>
      ) : null}
      {account && (
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <Stat
            label={overview.available}
            value={<Amount micros={account.available} show="both" />}
          />
          <Stat
            label={overview.balance}
            value={<Amount micros={account.balance} digits={2} />}
            hint={
              <>
                {overview.held} <Amount micros={account.held} digits={2} />
              </>
            }
          />
        </SimpleGrid>
      )}
      {METHODS.filter((method) => method.isOffered(site)).map(({ id, Panel: Method }) => (
        <Method key={id} />
      ))}
    </PageFrame>
  );
}
