// Moving in from another gateway, for owners: look, take, check and open.
import { Badge, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import { rowsOf } from '~/data/rows';
import { useWords } from '~/i18n';
import { useMay } from '~/shell/may';
import { ConfirmDialog } from '~/ui/ConfirmDialog';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastDone, toastRefused } from '~/ui/toast';
import { follow, type Step } from './follow';
import { MoveForm } from './MoveForm';
import { OutcomePanel } from './OutcomePanel';
import type { Checked, Move, Moves, Opened, Outcome, Report } from './shapes';
import type { askOf } from './values';
import { words } from './words';

const KEY = ['operator', 'imports'];
type Act = Outcome['act'];
type Ask = ReturnType<typeof askOf>;

export default function MovingPage() {
  const t = useWords(words);
  const mayMove = useMay('owner');
  const acts = useActs();
  const [asking, setAsking] = useState<{ act: 'open' | 'forget'; move: Move } | null>(null);
  const query = useQuery({
    queryKey: KEY,
    queryFn: () => call<Moves>(api.GET('/api/operator/imports')),
  });
  const columns: Column<Move>[] = [
    { id: 'name', header: t.name, cell: (row) => <Text fw={600}>{row.name}</Text> },
    { id: 'kind', header: t.program, cell: (row) => row.kind },
    { id: 'rate', header: t.rate, isRight: true, cell: (row) => row.rate },
    { id: 'state', header: t.state, cell: (row) => <State move={row} /> },
    { id: 'taken', header: t.last, cell: (row) => <Time at={row.taken} /> },
    {
      id: 'do',
      header: '',
      cell: (row) =>
        mayMove && (
          <Group gap="xs" justify="flex-end">
            <Button
              {...small(acts.isBusy)}
              onClick={() => void acts.run('take', row.name).catch(toastRefused)}
            >
              {t.takeAgain}
            </Button>
            <Button
              {...small(acts.isBusy)}
              onClick={() => void acts.run('check', row.name).catch(toastRefused)}
            >
              {t.check}
            </Button>
            <Button
              {...small(acts.isBusy || row.taken === null)}
              onClick={() => setAsking({ act: 'open', move: row })}
            >
              {t.open}
            </Button>
            <Button {...small(acts.isBusy)} onClick={() => setAsking({ act: 'forget', move: row })}>
              {t.forget}
            </Button>
          </Group>
        ),
    },
  ];
  return (
    <PageFrame title={t.title} intro={t.intro}>
      <DataTable
        isPlain
        name="moves"
        label={t.moves}
        columns={columns}
        data={rowsOf(query)}
        rowId={(row) => row.name}
        empty={<EmptyRows title={t.empty} text={t.emptyText} />}
      />
      <Working acts={acts} />
      {acts.outcome && <OutcomePanel outcome={acts.outcome} />}
      {mayMove && query.data && (
        <MoveForm
          files={query.data.files}
          folder={query.data.folder}
          isBusy={acts.isBusy}
          run={acts.begin}
        />
      )}
      <Asking asking={asking} close={() => setAsking(null)} acts={acts} />
    </PageFrame>
  );
}

function small(isDisabled: boolean) {
  return { size: 'xs', variant: 'default', disabled: isDisabled } as const;
}

/** The four acts: one at a time, its steps while it works, and what it came to. */
function useActs() {
  const queries = useQueryClient();
  const [running, setRunning] = useState<Act | null>(null);
  const [step, setStep] = useState<Step | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const go = async (act: Act, work: () => Promise<Outcome>) => {
    setRunning(act);
    setStep(null);
    setOutcome(null);
    try {
      setOutcome(await work());
    } finally {
      setRunning(null);
      await queries.invalidateQueries({ queryKey: KEY });
    }
  };
  const begin = (act: 'look' | 'take', ask: Ask, isProbing: boolean) =>
    go(act, async () => {
      const asked =
        act === 'look'
          ? api.POST('/api/operator/imports/look', {
              body: { ...ask, probe: isProbing },
              parseAs: 'stream',
            })
          : api.POST('/api/operator/imports/take', { body: ask, parseAs: 'stream' });
      return { act, report: await follow<Report>(asked, setStep) };
    });
  const run = (act: 'take' | 'check' | 'open', name: string) =>
    go(act, async () => {
      const init = { params: { path: { name } }, parseAs: 'stream' } as const;
      if (act === 'take')
        return {
          act,
          report: await follow<Report>(
            api.POST('/api/operator/imports/{name}/take', init),
            setStep,
          ),
        };
      if (act === 'check')
        return {
          act,
          checked: await follow<Checked>(
            api.POST('/api/operator/imports/{name}/check', init),
            setStep,
          ),
        };
      return {
        act,
        opened: await follow<Opened>(api.POST('/api/operator/imports/{name}/open', init), setStep),
      };
    });
  return { running, step, outcome, begin, run, isBusy: running !== null };
}

type Acts = ReturnType<typeof useActs>;

function Working({ acts }: { acts: Acts }) {
  const t = useWords(words);
  if (acts.running === null) return null;
  const { stage = '', done, total } = acts.step ?? {};
  const isCounted = done !== undefined && total !== undefined && total > 0;
  return (
    <Panel>
      <Stack gap="xs" aria-busy="true" data-working={acts.running}>
        <Text role="status">{t.working[acts.running]}</Text>
        {isCounted && (
          <Text size="sm" data-step={stage}>
            {t.stages[stage] ?? ''} {done} / {total}
          </Text>
        )}
        <Progress
          value={isCounted ? (100 * done) / total : 100}
          animated
          aria-label={t.working[acts.running]}
        />
        <Text size="sm" c="dimmed">
          {t.stay}
        </Text>
      </Stack>
    </Panel>
  );
}

function Asking(props: {
  asking: { act: 'open' | 'forget'; move: Move } | null;
  close: () => void;
  acts: Acts;
}) {
  const t = useWords(words);
  const queries = useQueryClient();
  const name = props.asking?.move.name ?? '';
  const isForgetting = props.asking?.act === 'forget';
  const forget = async () => {
    const { forgotten, kept } = await call<{ forgotten: number; kept: string[] }>(
      api.POST('/api/operator/imports/{name}/forget', { params: { path: { name } } }),
    );
    await queries.invalidateQueries({ queryKey: KEY });
    toastDone(t.forgotten(forgotten, kept.length));
  };
  return (
    <ConfirmDialog
      isOpen={props.asking !== null}
      onClose={props.close}
      onConfirm={isForgetting ? forget : () => props.acts.run('open', name)}
      isDangerous={isForgetting}
      typeToConfirm={isForgetting ? name : undefined}
      title={isForgetting ? t.forget : t.open}
      action={isForgetting ? t.forget : t.open}
      text={isForgetting ? t.forgetText(name) : t.openText(name)}
    />
  );
}

function State({ move }: { move: Move }) {
  const t = useWords(words);
  if (move.opened !== null) return <Badge color="green">{t.opened}</Badge>;
  if (move.checked !== null) return <Badge variant="light">{t.checked}</Badge>;
  return (
    <Badge color="gray" variant="light">
      {move.taken === null ? t.begun : t.taken}
    </Badge>
  );
}
