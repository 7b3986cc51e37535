// Talk to a model, or to two side by side: each turn as it streams, and what it costs.
// `?model=…&prompt=…` fills the form, so that other pages can link to an example.
import { Grid } from '@mantine/core';
import { useState } from 'react';
import type { OfferedModel } from '~/api/types';
import { useOfferedModels } from '~/data/accountData';
import { useFilters } from '~/data/filters';
import { snippetsOf } from '~/format/snippets';
import { useWords } from '~/i18n';
import { words as modelsWords } from '~/pages/customer/models/words';
import { useSite } from '~/shell/site';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { RouterButton } from '~/ui/RouterLink';
import { Snippets } from '~/ui/Snippets';
import { EmptyState, ErrorState, LoadingState } from '~/ui/States';
import { Answer } from './Answer';
import { Controls } from './Controls';
import { bodyOf, chatFirst, pathOf, shortened, type Trial } from './trial';
import { type Conversation, saidOf, useConversation } from './useConversation';
import { usePlaygroundKey } from './usePlaygroundKey';
import { words } from './words';

const DEFAULTS = { model: '', rival: '', prompt: '', mode: 'chat' };
const KEPT_AS = 'yiyuan.playground-model';

export default function PlaygroundPage() {
  const t = useWords(words);
  const noModels = useWords(modelsWords);
  const query = useOfferedModels();
  const models = query.data?.items;
  return (
    <PageFrame title={t.title} intro={t.intro}>
      {query.error && !models ? (
        <Panel>
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        </Panel>
      ) : null}
      {query.isLoading ? (
        <Panel>
          <LoadingState />
        </Panel>
      ) : null}
      {models?.length === 0 && (
        <Panel>
          <EmptyState
            title={noModels.emptyTitle}
            text={noModels.emptyText}
            action={
              <RouterButton to="/" variant="default">
                {t.shell.toOverview}
              </RouterButton>
            }
          />
        </Panel>
      )}
      {models && models.length > 0 && <Playground models={chatFirst(models)} />}
    </PageFrame>
  );
}

function Playground({ models }: { models: OfferedModel[] }) {
  const t = useWords(words);
  const [address, setAddress] = useFilters(DEFAULTS);
  const [trial, setTrial] = useState<Trial>(() => ({
    mode: address.mode === 'completions' ? 'completions' : 'chat',
    model: firstOf(models, address.model),
    rival: models.some(({ name }) => name === address.rival) ? address.rival : '',
    system: '',
    prompt: address.prompt || t.example,
    pictures: [],
    maxTokens: '',
    temperature: '',
    topP: '',
    isStreamed: true,
  }));
  const keyring = usePlaygroundKey();
  const own = useConversation(keyring);
  const rival = useConversation(keyring);
  const change = (changed: Partial<Trial>) => {
    const next = { ...trial, ...changed };
    setTrial(next);
    if (['model', 'rival', 'mode'].some((name) => name in changed))
      setAddress({ model: next.model, rival: next.rival, mode: next.mode });
  };
  const run = async () => {
    localStorage.setItem(KEPT_AS, trial.model);
    const isChat = trial.mode === 'chat';
    if (isChat) setTrial({ ...trial, prompt: '', pictures: [] });
    const asked = [own.ask(trial, trial.model)];
    if (trial.rival !== '') asked.push(rival.ask(trial, trial.rival));
    const { prompt, pictures } = trial;
    if (!(await Promise.all(asked)).some(Boolean) && isChat)
      setTrial((now) => (now.prompt === '' ? { ...now, prompt, pictures } : now));
  };
  const clear = () => {
    own.clear();
    rival.clear();
  };
  const isRunning = own.isRunning || rival.isRunning;
  const isPair = trial.rival !== '';
  return (
    <Grid>
      <Grid.Col span={{ base: 12, md: isPair ? 12 : 6 }}>
        <Controls
          trial={trial}
          models={models}
          model={models.find((one) => one.name === trial.model)}
          before={trial.mode === 'chat' ? saidOf(own.turns) : []}
          isRunning={isRunning}
          onChange={change}
          onRun={() => void run()}
          onStop={() => {
            own.stop();
            rival.stop();
          }}
          onClear={own.turns.length + rival.turns.length > 0 ? clear : undefined}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 6 }}>
        <Answer title={trial.model} turns={own.turns} />
      </Grid.Col>
      {isPair && (
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Answer title={trial.rival} turns={rival.turns} />
        </Grid.Col>
      )}
      <Grid.Col span={12}>
        <AsCode trial={trial} conversation={own} />
      </Grid.Col>
    </Grid>
  );
}

/** The model of the address, else the one that was tried last, else the first that is available. */
function firstOf(models: OfferedModel[], named: string): string {
  const kept = localStorage.getItem(KEPT_AS);
  const found =
    models.find((model) => model.name === named) ??
    models.find((model) => model.name === kept) ??
    models.find((model) => model.is_available) ??
    models[0];
  return found?.name ?? '';
}

/** The next request as code, or the last one where nothing new was typed. */
function AsCode({ trial, conversation }: { trial: Trial; conversation: Conversation }) {
  const t = useWords(words);
  const { api_url: apiUrl } = useSite();
  const turns = trial.mode === 'chat' ? conversation.turns : [];
  const last = trial.prompt.trim() === '' ? turns.at(-1) : undefined;
  const shown = last ? { ...trial, prompt: last.prompt, pictures: last.pictures } : trial;
  const before = saidOf(last ? turns.slice(0, -1) : turns);
  const body = bodyOf(
    { ...shown, pictures: shortened(shown.pictures) },
    trial.model,
    before.map((said) => ({ ...said, pictures: shortened(said.pictures) })),
  );
  return (
    <Panel title={t.asCode}>
      <Snippets snippets={snippetsOf({ apiUrl, key: t.yourKey, path: pathOf(trial), body })} />
    </Panel>
  );
}
