// One account: what may be done with it, and in tabs its figures, requests, tokens, entries,
// members and notes.
import { Badge, Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { api, call } from '~/api/client';
import type { AccountDetail } from '~/api/types';
import { useWords } from '~/i18n';
import { words } from '~/pages/operator/accounts/words';
import { useMay } from '~/shell/may';
import { AccountScope } from '~/shell/site';
import { CopyButton } from '~/ui/CopyButton';
import { FormModal } from '~/ui/dialogs';
import { PageFrame } from '~/ui/PageFrame';
import { PageTabs } from '~/ui/PageTabs';
import { Panel } from '~/ui/Panel';
import { ErrorState, LoadingState } from '~/ui/States';
import { Time } from '~/ui/Time';
import { OverviewTab } from './OverviewTab';
import { StoppedAlert } from './StoppedAlert';
import { SuspendButton } from './SuspendButton';

// Each tab is a script of its own, fetched when it is opened.
const TokenList = lazy(async () => ({
  default: (await import('~/pages/customer/tokens/TokenList')).TokenList,
}));
const AdjustForm = lazy(async () => ({ default: (await import('./AdjustForm')).AdjustForm }));
const EntriesPanel = lazy(async () => ({ default: (await import('./EntriesPanel')).EntriesPanel }));
const MembersTab = lazy(async () => ({ default: (await import('./MembersTab')).MembersTab }));
const NotesPanel = lazy(async () => ({ default: (await import('./NotesPanel')).NotesPanel }));
const RequestsTab = lazy(async () => ({ default: (await import('./RequestsTab')).RequestsTab }));

export default function AccountDetailPage() {
  const t = useWords(words);
  const { account } = useParams({ strict: false }) as { account: string };
  const query = useQuery({
    queryKey: ['operator', 'account', account],
    queryFn: () =>
      call<AccountDetail>(
        api.GET('/api/operator/accounts/{account}', { params: { path: { account } } }),
      ),
  });
  if (query.data) return <Detail account={query.data} />;
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

function Detail({ account }: { account: AccountDetail }) {
  const t = useWords(words);
  return (
    <AccountScope id={account.id}>
      <PageFrame
        title={account.name}
        intro={
          <>
            {account.is_suspended && (
              <Badge color="red" variant="light" mr="xs">
                {t.suspended}
              </Badge>
            )}
            <span className="y-mono">{account.id}</span> · {t.created} <Time
              at={account.created}
            />{' '}
          </>
        }
        actions={<Actions account={account} />}
      >
        <StoppedAlert account={account} />
        <PageTabs
          label={t.title}
          tabs={[
            { id: 'overview', label: t.tabs.overview, content: <OverviewTab account={account} /> },
            { id: 'requests', label: t.tabs.requests, content: <RequestsTab id={account.id} /> },
            { id: 'tokens', label: t.tabs.tokens, content: <TokenList isCreateShown /> },
            {
              id: 'entries',
              label: t.tabs.entries,
              content: <EntriesPanel account={account.id} />,
            },
            { id: 'members', label: t.members, content: <MembersTab account={account} /> },
            { id: 'notes', label: t.profile, content: <NotesPanel account={account} /> },
          ]}
        />
      </PageFrame>
    </AccountScope>
  );
}

function Actions({ account }: { account: AccountDetail }) {
  const t = useWords(words);
  const [isAdjusting, setAdjusting] = useState(false);
  const mayPay = useMay('owner', 'finance');
  const mayCare = useMay('owner', 'support');
  const close = () => setAdjusting(false);
  return (
    <>
      <CopyButton value={account.id} label={`${t.shell.copy}: ${account.id}`} />
      {mayPay && <Button onClick={() => setAdjusting(true)}>{t.adjust}</Button>}
      {mayCare && <SuspendButton account={account} />}
      <FormModal opened={isAdjusting} onClose={close} title={<Text fw={600}>{t.adjust}</Text>}>
        <Suspense fallback={<LoadingState rows={4} />}>
          <AdjustForm account={account} onDone={close} />
        </Suspense>
      </FormModal>
    </>
  );
}
