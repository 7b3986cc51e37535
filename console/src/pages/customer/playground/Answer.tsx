// A conversation with one model: each turn as it comes, what it cost, or why it was refused.
import { Alert, Box, Group, Loader, Stack, Text } from '@mantine/core';
import { milliseconds } from '~/format/format';
import { useWords } from '~/i18n';
import { words as overviewWords } from '~/pages/customer/overview/words';
import { Amount } from '~/ui/Amount';
import { CopyButton } from '~/ui/CopyButton';
import { Count } from '~/ui/Count';
import { Icon } from '~/ui/Icon';
import { Panel } from '~/ui/Panel';
import { RouterButton, RouterLink } from '~/ui/RouterLink';
import { Pictures } from './Pictures';
import type { Refusal, Run } from './run';
import type { Turn } from './useConversation';
import { words } from './words';

export function Answer({ title, turns }: { title: string; turns: Turn[] }) {
  const t = useWords(words);
  const text = turns.at(-1)?.run.text ?? '';
  return (
    <Panel title={title} actions={text !== '' && <CopyButton value={text} label={t.copyAnswer} />}>
      <Stack data-turns={turns.length}>
        {turns.length === 0 && (
          <Box mih={96} data-answer="idle">
            <Text c="dimmed">{t.idle}</Text>
          </Box>
        )}
        {turns.map((turn) => (
          <OneTurn key={turn.id} turn={turn} />
        ))}
      </Stack>
    </Panel>
  );
}

function OneTurn({ turn }: { turn: Turn }) {
  const t = useWords(words);
  const { run } = turn;
  const isRunning = run.state === 'running';
  return (
    <Stack gap="xs" data-turn={run.state}>
      <Text fw={600} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {turn.prompt}
      </Text>
      <Pictures urls={turn.pictures} />
      {run.refusal && <Refused refusal={run.refusal} />}
      {run.reasoning !== '' && (
        <details>
          <summary>{t.reasoning}</summary>
          <Text size="sm" c="dimmed" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
            {run.reasoning}
          </Text>
        </details>
      )}
      {(run.text !== '' || !run.refusal) && (
        <Box
          aria-live="polite"
          aria-busy={isRunning}
          style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
          data-answer={run.state}
        >
          {run.text}
          {run.state === 'done' && run.text === '' && <Text c="dimmed">{t.emptyAnswer}</Text>}
        </Box>
      )}
      {isRunning && (
        <Group gap="xs">
          <Loader size={16} />
          <Text size="sm" c="dimmed">
            {t.running}
          </Text>
        </Group>
      )}
      {run.state === 'stopped' && (
        <Text size="sm" c="dimmed">
          {t.stopped}
        </Text>
      )}
      <After run={run} />
    </Stack>
  );
}

function After({ run }: { run: Run }) {
  const t = useWords(words);
  const { spent, requestId, firstMs, totalMs } = run;
  if (run.state === 'idle' || run.state === 'running') return null;
  return (
    <Group gap="md" data-cost="">
      {spent?.micros != null && (
        <Text component="div">
          {t.cost} <Amount micros={spent.micros} show="both" fw={600} />
        </Text>
      )}
      {spent && (
        <Text size="sm" c="dimmed" component="div">
          <Count value={spent.inputTokens} /> {t.inputTokens} · <Count value={spent.outputTokens} />{' '}
          {t.outputTokens}
        </Text>
      )}
      {firstMs !== null && totalMs !== null && (
        <Text size="sm" c="dimmed">
          {t.times(milliseconds(firstMs), milliseconds(totalMs))}
        </Text>
      )}
      {requestId && !run.refusal && (
        <RouterLink to="/logs" search={{ request: requestId } as never} size="sm">
          {t.seeLog}
        </RouterLink>
      )}
    </Group>
  );
}

/** 402 leads to topping up or to the token's budget, 429 to the limits. */
function Refused({ refusal }: { refusal: Refusal }) {
  const t = useWords(words);
  const overview = useWords(overviewWords);
  const isNetwork = refusal.code === 'network';
  return (
    <Alert
      color="red"
      role="alert"
      icon={<Icon name="warning" />}
      title={refusal.status ? `${refusal.status} ${refusal.code}` : refusal.code}
    >
      <Stack gap="xs" align="flex-start">
        <span>{isNetwork ? t.shell.problems.network : refusal.message}</span>
        {refusal.status === 402 && (
          <RouterButton to="/top-up" size="xs">
            {overview.topUp}
          </RouterButton>
        )}
        {refusal.status === 429 && (
          <RouterButton to="/models" size="xs" variant="default">
            {t.seeLimits}
          </RouterButton>
        )}
      </Stack>
    </Alert>
  );
}
