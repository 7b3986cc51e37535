// What the account has, what it spends and how long that lasts; for a new account, the
// three steps to its first request, which tick themselves.
import { useState } from 'react';
import type { Overview } from '~/api/types';
import { useOverview } from '~/data/accountData';
import { useWords } from '~/i18n';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { RouterButton } from '~/ui/RouterLink';
import { ErrorState, LoadingState } from '~/ui/States';
import { Banners } from './Banners';
import { Checklist } from './Checklist';
import { Figures, SpendChart } from './Figures';
import { Incidents } from './Incidents';
import { LimitsPanel } from './LimitsPanel';
import { words } from './words';

const WAITING_MS = 3_000;
const SETTLED_MS = 30_000;

export default function OverviewPage() {
  const t = useWords(words);
  const [isWaiting, setWaiting] = useState(true);
  const query = useOverview(isWaiting ? WAITING_MS : SETTLED_MS);
  const { data } = query;
  const isStarted = data?.checklist.has_request ?? false;
  if (data && isStarted === isWaiting) setWaiting(!isStarted);
  return (
    <PageFrame title={t.title} actions={<RouterButton to="/top-up">{t.topUp}</RouterButton>}>
      {query.error && !data ? (
        <Panel>
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        </Panel>
      ) : null}
      {query.isLoading ? (
        <Panel>
          <LoadingState />
        </Panel>
      ) : null}
      {data && <Content overview={data} />}
    </PageFrame>
  );
}

function Content({ overview }: { overview: Overview }) {
  const t = useWords(words);
  const [wasNew] = useState(!overview.checklist.has_request);
  return (
    <>
      <Incidents incidents={overview.incidents} />
      <Banners
        account={overview.account}
        threshold={overview.low_balance}
        isNew={!overview.checklist.has_request}
      />
      {wasNew && <Checklist overview={overview} />}
      <Figures overview={overview} />
      <Panel title={t.spendByDay}>
        <SpendChart overview={overview} />
      </Panel>
      <LimitsPanel overview={overview} />
    </>
  );
}
