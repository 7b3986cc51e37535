// The ledger: entries of everybody, by account, kind, request or key; and the proof.
import { Alert, Badge, Button, Checkbox, Group, List, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Listed, Proof, ShopEntry, Verified } from '~/api/types';
import { asQuery, useFilters } from '~/app/filters';
import { count } from '~/app/format';
import { useMay } from '~/app/may';
import { useKeyset } from '~/app/rows';
import { useTexts } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { type Column, DataTable, EmptyRows } from '~/ui/DataTable';
import { FilterBar } from '~/ui/FilterBar';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { RouterLink } from '~/ui/RouterLink';
import { ErrorState, LoadingState } from '~/ui/States';
import { Time } from '~/ui/Time';

const DEFAULTS = { account: '', kind: '', request_id: '', key: '' };

export default function LedgerPage() {
  const texts = useTexts();
  const t = texts.ledger;
  const { kinds } = texts.statement;
  const [filters, setFilters] = useFilters(DEFAULTS);
  const data = useKeyset(['operator', 'ledger', filters], (after) =>
    call<Listed<ShopEntry>>(api.GET('/api/operator/ledger', { params: { query: { ...asQuery(filters), after } } })));
  const columns: Column<ShopEntry>[] = [
    { id: 'at', header: t.time, cell: (row) => <Time at={row.at} /> },
    { id: 'account', header: t.account, cell: (row) => <RouterLink to="/operator/accounts/$account" params={{ account: row.account_id }}>{row.account_name}</RouterLink> },
    { id: 'kind', header: t.kind, cell: (row) => kinds[row.kind] ?? row.kind },
    { id: 'amount', header: t.amount, isRight: true, cell: (row) => <Amount micros={row.amount} isSigned /> },
    { id: 'contra', header: t.contra, cell: (row) => (t.contras as Record<string, string | undefined>)[row.contra] ?? row.contra },
    { id: 'after', header: t.balanceAfter, isRight: true, cell: (row) => <Amount micros={row.balance_after} /> },
    { id: 'reason', header: texts.shell.reason, cell: (row) => row.reason },
    { id: 'actor', header: t.actor, cell: (row) => <span className="y-mono">{row.actor}</span>, isHidden: true },
    { id: 'request', header: t.request, cell: (row) => <span className="y-mono">{row.request_id ?? '—'}</span>, isHidden: true },
    { id: 'key', header: t.key, cell: (row) => <span className="y-mono">{row.key ?? '—'}</span>, isHidden: true },
  ];
  const kindOptions = [{ value: '', label: texts.shell.all }, ...Object.entries(kinds).map(([value, label]) => ({ value, label }))];
  const isFiltered = Object.values(filters).some((value) => value !== '');
  return (
    <PageFrame title={t.title} intro={t.intro}>
      <ProofPanel />
      <DataTable name="ledger" label={t.title} columns={columns} data={data} rowId={(row) => row.id}
        empty={<EmptyRows title={isFiltered ? texts.shell.noMatch : t.empty} />}
        toolbar={<FilterBar values={filters} defaults={DEFAULTS} onChange={setFilters} filters={[
          { name: 'account', label: t.accountId, placeholder: 'acct_…' },
          { name: 'kind', label: t.kind, options: kindOptions },
          { name: 'request_id', label: t.request, placeholder: 'ex_…' },
          { name: 'key', label: t.key },
        ]} />} />
    </PageFrame>
  );
}

function ProofPanel() {
  const t = useTexts().ledger;
  const queries = useQueryClient();
  const mayVerify = useMay('owner', 'finance', 'support');
  const [isFull, setFull] = useState(false);
  const last = useQuery({ queryKey: ['operator', 'verified'], queryFn: () => call<Verified>(api.GET('/api/operator/ledger/verify')) });
  const verify = useMutation({
    mutationFn: () => call<Proof>(api.POST('/api/operator/ledger/verify', { body: { full: isFull } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['operator'] }),
  });
  return (
    <Panel title={t.proof} actions={mayVerify ? (
      <Group>
        <Checkbox label={t.full} checked={isFull} onChange={(event) => setFull(event.currentTarget.checked)} />
        <Button onClick={() => verify.mutate()} loading={verify.isPending}>{t.verify}</Button>
      </Group>
    ) : undefined}>
      <Text c="dimmed">{t.proofText}</Text>
      {verify.isPending && <LoadingState rows={2} />}
      {verify.error ? <ErrorState error={verify.error} onRetry={() => verify.mutate()} /> : null}
      {!verify.data && last.data?.at && (
        <Group gap="xs" mt="sm"><Badge color={last.data.ok ? 'green' : 'red'} variant="light">{last.data.ok ? t.agree : t.disagree}</Badge><Time at={last.data.at} show="ago" /></Group>
      )}
      {verify.data && <Found proof={verify.data} />}
    </Panel>
  );
}

function Found({ proof }: { proof: Proof }) {
  const t = useTexts().ledger;
  return (
    <Alert mt="sm" color={proof.ok ? 'green' : 'red'} title={proof.ok ? t.agree : t.disagree} role="status">
      <Text>{t.checked(count(proof.accounts), count(proof.entries))}</Text>
      {proof.problems.length > 0 && <List>{proof.problems.slice(0, 50).map((problem) => <List.Item key={problem}>{problem}</List.Item>)}</List>}
    </Alert>
  );
}
