// Ways to put money on the account: a panel for each method that this site offers.
import { SimpleGrid } from '@mantine/core';
import { useOverview } from '~/app/account_data';
import { useSite } from '~/app/site';
import { useTexts } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { ErrorState, LoadingState } from '~/ui/States';
import { Stat } from '~/ui/Stat';
import { METHODS } from './methods';

export default function TopUpPage() {
  const t = useTexts();
  const site = useSite();
  const query = useOverview();
  const account = query.data?.account;
  return (
    <PageFrame title={t.topUp.title} intro={t.topUp.intro}>
      {query.isLoading ? <Panel><LoadingState rows={2} /></Panel> : null}
      {query.error && !account ? <Panel><ErrorState error={query.error} onRetry={() => void query.refetch()} /></Panel> : null}
      {account && (
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <Stat label={t.overview.available} value={<Amount micros={account.available} show="both" />} />
          <Stat label={t.overview.balance} value={<Amount micros={account.balance} />} hint={<>{t.overview.held} <Amount micros={account.held} /></>} />
        </SimpleGrid>
      )}
      {METHODS.filter((method) => method.isOffered(site)).map(({ id, Panel: Method }) => <Method key={id} />)}
    </PageFrame>
  );
}
