// Redemption codes in batches: made once, shown once, used once each.
import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { CodeBatch, CodeUse, Listed } from '~/api/types';
import { rowsOf } from '~/data/rows';
import { useWords } from '~/i18n';
import { useMay } from '~/shell/may';
import { Amount } from '~/ui/Amount';
import { ConfirmDialog, useCloseLabel } from '~/ui/ConfirmDialog';
import { FormModal, Modal } from '~/ui/dialogs';
import { PageFrame } from '~/ui/PageFrame';
import { RouterLink } from '~/ui/RouterLink';
import { keepOpen } from '~/ui/ShowOnce';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastDone } from '~/ui/toast';
import { NewCodes } from './NewCodes';
import { words } from './words';

export default function CodesPage() {
  const t = useWords(words);
  const queries = useQueryClient();
  const mayMake = useMay('owner', 'finance');
  const closeLabel = useCloseLabel();
  const [isMaking, setMaking] = useState(false);
  const [isMade, setMade] = useState(false);
  const [shown, setShown] = useState<CodeBatch | null>(null);
  const [ending, setEnding] = useState<CodeBatch | null>(null);
  const query = useQuery({
    queryKey: ['operator', 'codes'],
    queryFn: () => call<Listed<CodeBatch>>(api.GET('/api/operator/codes')),
  });
  const revoke = async () => {
    await call(
      api.POST('/api/operator/codes/{batch}/revoke', {
        params: { path: { batch: ending?.id ?? '' } },
      }),
    );
    await queries.invalidateQueries({ queryKey: ['operator', 'codes'] });
    toastDone(t.revoked);
  };
  const columns: Column<CodeBatch>[] = [
    {
      id: 'name',
      header: t.shell.name,
      cell: (row) => (
        <Group gap="xs">
          <Text fw={600}>{row.name}</Text>
          <State batch={row} />
        </Group>
      ),
    },
    { id: 'value', header: t.value, isRight: true, cell: (row) => <Amount micros={row.value} /> },
    { id: 'used', header: t.used, isRight: true, cell: (row) => `${row.redeemed} / ${row.count}` },
    {
      id: 'per',
      header: t.perAccount,
      isRight: true,
      cell: (row) => row.per_account ?? t.unlimited,
    },
    { id: 'expires', header: t.expires, cell: (row) => <Time at={row.expires} /> },
    { id: 'created', header: t.created, cell: (row) => <Time at={row.created} /> },
    {
      id: 'do',
      header: '',
      isRight: true,
      cell: (row) => (
        <Group gap="xs" justify="flex-end">
          <Button size="xs" variant="default" onClick={() => setShown(row)}>
            {t.uses}
          </Button>
          {mayMake && row.revoked === null && (
            <Button size="xs" variant="default" onClick={() => setEnding(row)}>
              {t.revoke}
            </Button>
          )}
        </Group>
      ),
    },
  ];
  const make = mayMake ? <Button onClick={() => setMaking(true)}>{t.make}</Button> : undefined;
  return (
    <PageFrame title={t.title} intro={t.intro} actions={make}>
      <DataTable
        name="codes"
        label={t.title}
        columns={columns}
        data={rowsOf(query)}
        rowId={(row) => row.id}
        empty={<EmptyRows title={t.empty} text={t.emptyText} action={make} />}
      />
      <FormModal
        opened={isMaking}
        onClose={() => setMaking(false)}
        onExitTransitionEnd={() => setMade(false)}
        title={t.make}
        size="lg"
        {...keepOpen(isMade)}
      >
        <NewCodes onMade={() => setMade(true)} />
      </FormModal>
      <Modal
        opened={shown !== null}
        onClose={() => setShown(null)}
        title={t.usesOf(shown?.name ?? '')}
        size="lg"
        closeButtonProps={closeLabel}
      >
        {shown && <Uses batch={shown.id} />}
      </Modal>
      <ConfirmDialog
        isOpen={ending !== null}
        onClose={() => setEnding(null)}
        onConfirm={revoke}
        isDangerous
        title={t.revoke}
        action={t.revoke}
        text={t.revokeText(ending?.name ?? '')}
      />
    </PageFrame>
  );
}

function State({ batch }: { batch: CodeBatch }) {
  const t = useWords(words);
  if (batch.revoked !== null)
    return (
      <Badge color="gray" variant="light">
        {t.stateRevoked}
      </Badge>
    );
  if (batch.expires !== null && Date.parse(batch.expires) < Date.now())
    return (
      <Badge color="gray" variant="light">
        {t.stateExpired}
      </Badge>
    );
  if (batch.redeemed === batch.count)
    return (
      <Badge color="green" variant="light">
        {t.stateUsedUp}
      </Badge>
    );
  return null;
}

function Uses({ batch }: { batch: string }) {
  const t = useWords(words);
  const query = useQuery({
    queryKey: ['operator', 'codes', batch],
    queryFn: () =>
      call<Listed<CodeUse>>(
        api.GET('/api/operator/codes/{batch}', { params: { path: { batch } } }),
      ),
  });
  const columns: Column<CodeUse>[] = [
    {
      id: 'account',
      header: t.account,
      cell: (row) => (
        <RouterLink to="/operator/accounts/$account" params={{ account: row.account_id }}>
          {row.account_name}
        </RouterLink>
      ),
    },
    { id: 'at', header: t.time, cell: (row) => <Time at={row.at} /> },
    {
      id: 'entry',
      header: t.entry,
      cell: (row) => <span className="y-mono">{row.entry_id ?? '—'}</span>,
    },
  ];
  return (
    <Stack>
      <DataTable
        isPlain
        name="code-uses"
        label={t.uses}
        columns={columns}
        data={rowsOf(query)}
        rowId={(row) => row.entry_id ?? row.at}
        empty={<EmptyRows title={t.noUses} />}
      />
    </Stack>
  );
}
