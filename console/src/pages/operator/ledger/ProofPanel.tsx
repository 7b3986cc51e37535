// Computes the books anew from their rows, and says what was found.
import { Alert, Badge, Button, Checkbox, Group, List, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Proof, Verified } from '~/api/types';
import { count } from '~/format/format';
import { useWords } from '~/i18n';
import { useMay } from '~/shell/may';
import { Panel } from '~/ui/Panel';
import { ErrorState, LoadingState } from '~/ui/States';
import { Time } from '~/ui/Time';
import { words } from './words';

export function ProofPanel() {
  const t = useWords(words);
  const queries = useQueryClient();
  const mayVerify = useMay('owner', 'finance', 'support');
  const [isFull, setFull] = useState(false);
  const last = useQuery({
    queryKey: ['operator', 'verified'],
    queryFn: () => call<Verified>(api.GET('/api/operator/ledger/verify')),
  });
  const verify = useMutation({
    mutationFn: () =>
      call<Proof>(api.POST('/api/operator/ledger/verify', { body: { full: isFull } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['operator'] }),
  });
  return (
    <Panel
      title={t.proof}
      actions={
        mayVerify ? (
          <Group>
            <Checkbox
              label={t.full}
              checked={isFull}
              onChange={(event) => setFull(event.currentTarget.checked)}
            />
            <Button onClick={() => verify.mutate()} loading={verify.isPending}>
              {t.verify}
            </Button>
          </Group>
        ) : undefined
      }
    >
      <Text c="dimmed">{t.proofText}</Text>
      {verify.isPending && <LoadingState rows={2} />}
      {verify.error ? <ErrorState error={verify.error} onRetry={() => verify.mutate()} /> : null}
      {!verify.data && last.data?.at && (
        <Group gap="xs" mt="sm">
          <Badge color={last.data.ok ? 'green' : 'red'} variant="light">
            {last.data.ok ? t.agree : t.disagree}
          </Badge>
          <Time at={last.data.at} show="ago" />
        </Group>
      )}
      {verify.data && <Found proof={verify.data} />}
    </Panel>
  );
}

function Found({ proof }: { proof: Proof }) {
  const t = useWords(words);
  return (
    <Alert
      mt="sm"
      color={proof.ok ? 'green' : 'red'}
      title={proof.ok ? t.agree : t.disagree}
      role="status"
    >
      <Text>{t.checked(count(proof.accounts), count(proof.entries))}</Text>
      {proof.problems.length > 0 && (
        <List>
          {proof.problems.slice(0, 50).map((problem) => (
            <List.Item key={problem}>{problem}</List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}
