// One place: its fields come with titles and help from the server, so that a new kind needs
// nothing here. Secrets that are left empty stay as they are.
import {
  Button,
  Checkbox,
  Group,
  NativeSelect,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import type { NoticeKind, NoticePlace } from '~/api/types';
import { useSubmit } from '~/data/form';
import { LANGUAGES, useSpeaking, useWords } from '~/i18n';
import { Refusal } from '~/ui/Refusal';
import { SecretField } from '~/ui/SecretField';
import { LoadingState } from '~/ui/States';
import { toastDone } from '~/ui/toast';
import { useChoices } from './choices';
import type { NoticeSource } from './source';
import { words } from './words';

interface Props {
  source: NoticeSource;
  place: NoticePlace | null;
  onSecret: (secret: string) => void;
  /** A mailbox that has to prove itself first. */
  onUnconfirmed: (place: NoticePlace) => void;
  onDone: () => void;
}

export function PlaceForm(props: Props) {
  const { kinds, events } = useChoices();
  const { audience } = props.source;
  const own = events.filter((event) => event.audience === audience).map((event) => event.name);
  if (kinds.length === 0) return <LoadingState rows={4} />;
  return <Form {...props} kinds={kinds} events={own} />;
}

function Form({
  source,
  place,
  kinds,
  events,
  onSecret,
  onUnconfirmed,
  onDone,
}: Props & { kinds: NoticeKind[]; events: string[] }) {
  const t = useWords(words);
  const { language } = useSpeaking();
  const { said, eventTitle } = useChoices();
  const form = useForm({
    initialValues: {
      kind: place?.kind ?? kinds[0]?.kind ?? '',
      name: place?.name ?? '',
      language: place?.language ?? language,
      events: place?.events ?? events,
      fields: (place?.fields ?? {}) as Record<string, string>,
    },
    validate: { events: (chosen) => (chosen.length > 0 ? null : t.noEvents) },
  });
  const kind = kinds.find((each) => each.kind === form.values.kind);
  const saving = useSubmit(form, async (values) => {
    const name = values.name.trim() || null;
    const known = new Set(kind?.fields.map((field) => field.name));
    const fields = Object.fromEntries(
      Object.entries(values.fields).filter(([field]) => known.has(field)),
    );
    const wish = { name, fields, events: values.events, language: values.language };
    const made =
      place === null
        ? await source.add(values.kind, wish)
        : { sink: await source.change(place.id, wish), secret: null };
    if (made.secret !== null) onSecret(made.secret);
    if (!made.sink.is_confirmed) onUnconfirmed(made.sink);
    toastDone(t.shell.saved);
    onDone();
  });
  const rolling = useSubmit(form, async () => {
    if (place !== null) onSecret((await source.roll(place.id)).secret);
    onDone();
  });
  const languages = Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }));
  return (
    <form onSubmit={form.onSubmit((values) => void saving.submit(values))} autoComplete="off">
      <Stack>
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <NativeSelect
            label={t.kind}
            data={kinds.map((each) => ({ value: each.kind, label: said(each.title) }))}
            disabled={place !== null}
            {...form.getInputProps('kind')}
          />
          <TextInput
            label={t.shell.name}
            description={t.nameHint}
            {...form.getInputProps('name')}
          />
        </SimpleGrid>
        {kind?.fields.map((field) => {
          const Input = field.is_secret ? SecretField : TextInput;
          const help = said(field.help);
          return (
            <Input
              key={`${kind.kind}/${field.name}`}
              label={said(field.title)}
              description={field.is_secret && place !== null ? t.secretKept : help || undefined}
              autoComplete="off"
              spellCheck={false}
              value={form.values.fields[field.name] ?? ''}
              error={form.errors[field.name]}
              onChange={(event) =>
                form.setFieldValue(`fields.${field.name}`, event.currentTarget.value)
              }
            />
          );
        })}
        <Checkbox.Group label={t.events} {...form.getInputProps('events')}>
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" mt="xs">
            {events.map((event) => (
              <Checkbox key={event} value={event} label={eventTitle(event)} />
            ))}
          </SimpleGrid>
        </Checkbox.Group>
        <NativeSelect label={t.language} data={languages} {...form.getInputProps('language')} />
        <Refusal text={saving.refused ?? rolling.refused} />
        <Group justify="space-between">
          {place?.kind === 'webhook' ? (
            <Button
              variant="default"
              loading={rolling.isBusy}
              onClick={() => void rolling.submit(form.values)}
            >
              {t.roll}
            </Button>
          ) : (
            <Text />
          )}
          <Button type="submit" loading={saving.isBusy}>
            {t.shell.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
