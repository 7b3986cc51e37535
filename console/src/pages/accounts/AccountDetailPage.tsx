// One account: its money, what may be done with it, members, notes, latest entries.
import { Badge, Button, Group, Modal, SimpleGrid, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { AccountDetail } from '~/api/types';
import { useMay } from '~/app/may';
import { useTexts } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { RouterLink } from '~/ui/RouterLink';
import { ShowOnce } from '~/ui/ShowOnce';
import { Stat } from '~/ui/Stat';
import { ErrorState, LoadingState } from '~/ui/States';
import { Time } from '~/ui/Time';
import { toastRefused } from '~/ui/toast';
import { AdjustForm } from './AdjustForm';
import { EntriesPanel } from './EntriesPanel';
import { NotesPanel } from './NotesPanel';
import { SuspendDialog } from './SuspendDialog';

export default function AccountDetailPage() {
  const t = useTexts().accounts;
  const { account } = useParams({ strict: false }) as { account: string };
  const query = useQuery({
    queryKey: ['operator', 'account', account],
    queryFn: () => call<AccountDetail>(api.GET('/api/operator/accounts/{account}', { params: { path: { account } } })),
  });
  if (query.data) return <Detail account={query.data} />;
  return (
    <PageFrame title={t.title}>
      <Panel>{query.error ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <LoadingState />}</Panel>
    </PageFrame>
  );
}

function Detail({ account }: { account: AccountDetail }) {
  const t = useTexts().accounts;
  const [doing, setDoing] = useState<'adjust' | 'suspend' | null>(null);
  const [url, setUrl] = useState<string | null>(null);
  const mayPay = useMay('owner', 'finance');
  const mayCare = useMay('owner', 'support');
  const closeLabel = useCloseLabel();
  const invite = async () => {
    try {
      const path = { account: account.id };
      setUrl((await call<{ url: string }>(api.POST('/api/accounts/{account}/invite', { params: { path } }))).url);
    } catch (reason) {
      toastRefused(reason);
    }
  };
  return (
    <PageFrame title={account.name} intro={<>{account.id} · {t.created} <Time at={account.created} /></>} actions={
      <>
        {mayPay && <Button onClick={() => setDoing('adjust')}>{t.adjust}</Button>}
        {mayCare && <Button variant="default" onClick={() => void invite()}>{t.invite}</Button>}
        {mayCare && <Button variant="default" color="red" onClick={() => setDoing('suspend')}>{account.is_suspended ? t.resume : t.suspend}</Button>}
      </>
    }>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
        <Stat label={t.balance} value={<Amount micros={account.balance} show="both" isStacked />} />
        <Stat label={t.held} value={<Amount micros={account.held} />} />
        <Stat label={t.tier} value={`× ${account.tier.rate}`} hint={<>{t.tierFrom} <Amount micros={account.tier.min_balance} /></>} />
        <Stat label={t.state} value={<Badge color={account.is_suspended ? 'red' : 'green'} variant="light" size="lg">{account.is_suspended ? t.suspended : t.active}</Badge>} />
      </SimpleGrid>
      <EntriesPanel account={account.id} />
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <NotesPanel account={account} />
        <Panel title={t.members}>
          <Stack gap="xs">
            {account.members.length === 0 && <Text c="dimmed">{t.noMembers}</Text>}
            {account.members.map((member) => (
              <Group key={member.user_id} justify="space-between"><Text>{member.email}</Text><Text size="sm" c="dimmed"><Time at={member.since} /></Text></Group>
            ))}
            <RouterLink to="/operator/ledger" search={{ account: account.id } as never}>{t.toLedger}</RouterLink>
          </Stack>
        </Panel>
      </SimpleGrid>
      <Modal opened={doing === 'adjust'} onClose={() => setDoing(null)} title={t.adjust} closeButtonProps={closeLabel}>
        <AdjustForm account={account} onDone={() => setDoing(null)} />
      </Modal>
      <SuspendDialog account={account} isOpen={doing === 'suspend'} onClose={() => setDoing(null)} />
      <Modal opened={url !== null} onClose={() => setUrl(null)} title={t.invite} closeButtonProps={closeLabel}>
        <ShowOnce secret={url ?? ''} label={t.invite}><Text size="sm">{t.inviteText}</Text></ShowOnce>
      </Modal>
    </PageFrame>
  );
}
