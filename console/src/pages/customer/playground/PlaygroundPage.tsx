// Try a model: the request, its answer as it streams, and what it costs before and after.
// `?model=…&prompt=…` fills the form, so that other pages can link to an example.
import { Grid, Stack } from '@mantine/core';
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
import { bodyOf, pathOf, type Trial } from './trial';
import { useRun } from './useRun';
import { words } from './words';

const DEFAULTS = { model: '', prompt: '', mode: 'chat' };

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
      {models && models.length > 0 && <Playground models={models} />}
    </PageFrame>
  );
}

function Playground({ models }: { models: OfferedModel[] }) {
  const t = useWords(words);
  const { api_url: apiUrl } = useSite();
  const [address, setAddress] = useFilters(DEFAULTS);
  const [trial, setTrial] = useState<Trial>(() => ({
    mode: address.mode === 'completions' ? 'completions' : 'chat',
    model:
      (
        models.find((model) => model.name === address.model) ??
        models.find((model) => model.is_available) ??
        models[0]
      )?.name ?? '',
    system: '',
    prompt: address.prompt || t.example,
    maxTokens: '',
    temperature: '',
    isStreamed: true,
  }));
  const { run, start, stop } = useRun();
  const change = (changed: Partial<Trial>) => {
    const next = { ...trial, ...changed };
    setTrial(next);
    if (changed.model !== undefined || changed.mode !== undefined)
      setAddress({ model: next.model, mode: next.mode });
  };
  const model = models.find((one) => one.name === trial.model);
  const code = snippetsOf({ apiUrl, key: t.yourKey, path: pathOf(trial), body: bodyOf(trial) });
  return (
    <Grid>
      <Grid.Col span={{ base: 12, md: 6 }}>
        <Controls
          trial={trial}
          models={models}
          model={model}
          isRunning={run.state === 'running'}
          onChange={change}
          onRun={() => void start(trial)}
          onStop={stop}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 6 }}>
        <Stack>
          <Answer run={run} />
          <Panel title={t.asCode}>
            <Snippets snippets={code} />
          </Panel>
        </Stack>
      </Grid.Col>
    </Grid>
  );
}
