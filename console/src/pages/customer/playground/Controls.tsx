// The form of the playground: endpoint, model, texts, parameters, and about what it costs.
import {
  Button,
  FileButton,
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
import { PICTURE_BYTES_MAX, PICTURES_MAX, Pictures, readPictures } from './Pictures';
import { estimateOf, type Said, type Trial } from './trial';
import { words } from './words';

interface ControlsProps {
  trial: Trial;
  models: OfferedModel[];
  model: OfferedModel | undefined;
  isRunning: boolean;
  onChange: (changed: Partial<Trial>) => void;
  onRun: () => void;
  onStop: () => void;
  /** Absent while nothing was said. */
  onClear: (() => void) | undefined;
  before: Said[];
}

export function Controls({
  trial,
  models,
  model,
  isRunning,
  onChange,
  onRun,
  onStop,
  onClear,
  before,
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
          <NativeSelect
            label={t.rival}
            data={[{ value: '', label: t.noRival }, ...names]}
            value={trial.rival}
            onChange={(event) => onChange({ rival: event.currentTarget.value })}
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
          {trial.mode === 'chat' && <AddPictures trial={trial} onChange={onChange} />}
          <Parameters trial={trial} onChange={onChange} />
          {model && <Before trial={trial} model={model} before={before} />}
          <Group>
            <Button type="submit" disabled={!isReady || isRunning}>
              {t.run}
            </Button>
            {isRunning && (
              <Button variant="default" onClick={onStop}>
                {t.stop}
              </Button>
            )}
            {onClear && (
              <Button variant="default" onClick={onClear}>
                {t.newConversation}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}

type Part = Pick<ControlsProps, 'trial' | 'onChange'>;

function Parameters({ trial, onChange }: Part) {
  const t = useWords(words);
  const decimal = (typed: string) => typed.replace(/[^\d.]/g, '');
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 3 }} aria-label={t.parameters} role="group">
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
          onChange={(event) => onChange({ temperature: decimal(event.currentTarget.value) })}
        />
        <TextInput
          label="top_p"
          inputMode="decimal"
          placeholder={t.automatic}
          value={trial.topP}
          onChange={(event) => onChange({ topP: decimal(event.currentTarget.value) })}
        />
      </SimpleGrid>
      <Switch
        label={t.stream}
        checked={trial.isStreamed}
        onChange={(event) => onChange({ isStreamed: event.currentTarget.checked })}
      />
    </>
  );
}

function AddPictures({ trial, onChange }: Part) {
  const t = useWords(words);
  const { pictures } = trial;
  const add = async (files: File[]) => {
    const added = await readPictures(files);
    onChange({ pictures: [...pictures, ...added].slice(0, PICTURES_MAX) });
  };
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <FileButton accept="image/*" multiple onChange={(files) => void add(files)}>
          {(props) => (
            <Button
              {...props}
              variant="default"
              size="xs"
              disabled={pictures.length >= PICTURES_MAX}
            >
              {t.addPicture}
            </Button>
          )}
        </FileButton>
        <Text size="sm" c="dimmed">
          {t.pictureLimits(PICTURES_MAX, PICTURE_BYTES_MAX / 1_000_000)}
        </Text>
      </Group>
      <Pictures
        urls={pictures}
        onRemove={(place) => onChange({ pictures: pictures.filter((_, each) => each !== place) })}
      />
    </Stack>
  );
}

function Before(props: { trial: Trial; model: OfferedModel; before: Said[] }) {
  const { trial, model, before } = props;
  const t = useWords(words);
  const { inputTokens, outputTokens, micros } = estimateOf(
    trial,
    model.price,
    model.max_output_tokens,
    before,
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
