// The form of the playground: endpoint, model, texts, parameters, and about what it costs.
import {
  Button,
  Group,
  NativeSelect,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import type { OfferedModel } from '~/api/types';
import { useWords } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { Count } from '~/ui/Count';
import { Panel } from '~/ui/Panel';
import { estimateOf, type Trial } from './trial';
import { words } from './words';

interface ControlsProps {
  trial: Trial;
  models: OfferedModel[];
  model: OfferedModel | undefined;
  isRunning: boolean;
  onChange: (changed: Partial<Trial>) => void;
  onRun: () => void;
  onStop: () => void;
}

export function Controls({
  trial,
  models,
  model,
  isRunning,
  onChange,
  onRun,
  onStop,
}: ControlsProps) {
  const t = useWords(words);
  const isReady = trial.prompt.trim() !== '';
  const names = models.map(({ name, is_available: isAvailable }) => ({
    value: name,
    label: isAvailable ? name : `${name} (${t.unavailable})`,
  }));
  return (
    <Panel>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady && !isRunning) onRun();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
            event.currentTarget.requestSubmit();
        }}
      >
        <Stack>
          <SegmentedControl
            aria-label={t.mode}
            value={trial.mode}
            onChange={(mode) => onChange({ mode: mode as Trial['mode'] })}
            data={[
              { value: 'chat', label: t.chat },
              { value: 'completions', label: t.completions },
            ]}
          />
          <NativeSelect
            label={t.model}
            data={names}
            value={trial.model}
            onChange={(event) => onChange({ model: event.currentTarget.value })}
          />
          {trial.mode === 'chat' && (
            <Textarea
              label={t.system}
              autosize
              minRows={1}
              maxRows={6}
              value={trial.system}
              onChange={(event) => onChange({ system: event.currentTarget.value })}
            />
          )}
          <Textarea
            label={t.prompt}
            description={t.promptHint}
            required
            autosize
            minRows={4}
            maxRows={16}
            value={trial.prompt}
            onChange={(event) => onChange({ prompt: event.currentTarget.value })}
          />
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <TextInput
              label="max_tokens"
              inputMode="numeric"
              placeholder={t.automatic}
              value={trial.maxTokens}
              onChange={(event) =>
                onChange({ maxTokens: event.currentTarget.value.replace(/\D/g, '') })
              }
            />
            <TextInput
              label="temperature"
              inputMode="decimal"
              placeholder={t.automatic}
              value={trial.temperature}
              onChange={(event) =>
                onChange({ temperature: event.currentTarget.value.replace(/[^\d.]/g, '') })
              }
            />
          </SimpleGrid>
          <Switch
            label={t.stream}
            checked={trial.isStreamed}
            onChange={(event) => onChange({ isStreamed: event.currentTarget.checked })}
          />
          {model && <Before trial={trial} model={model} />}
          <Group>
            <Button type="submit" disabled={!isReady || isRunning}>
              {t.run}
            </Button>
            {isRunning && (
              <Button variant="default" onClick={onStop}>
                {t.stop}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}

function Before({ trial, model }: { trial: Trial; model: OfferedModel }) {
  const t = useWords(words);
  const { inputTokens, outputTokens, micros } = estimateOf(
    trial,
    model.price,
    model.max_output_tokens,
  );
  return (
    <Text size="sm" c="dimmed" component="div">
      {t.estimate} <Amount micros={micros} show="both" />
      <br />
      {t.estimateOf} <Count value={inputTokens} /> {t.inputTokens} · <Count value={outputTokens} />{' '}
      {t.outputTokens}
    </Text>
  );
}
