// Writes an incident, or tells more of one: only what was changed is sent.
import { Button, Fieldset, Group, NativeSelect, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api, call } from '~/api/client';
import type { Incident } from '~/api/types';
import { useSubmit } from '~/data/form';
import { useWords } from '~/i18n';
import { Refusal } from '~/ui/Refusal';
import { words } from './words';

type State = 'investigating' | 'identified' | 'monitoring' | 'resolved';

const namesOf = (text: string) =>
  text
    .split(/[,，]/)
    .map((name) => name.trim())
    .filter((name) => name !== '');

export function IncidentForm(props: { incident: Incident | null; onDone: () => void }) {
  const t = useWords(words);
  const { incident } = props;
  const form = useForm({
    initialValues: {
      title: incident?.title ?? '',
      title_zh: incident?.title_zh ?? '',
      models: incident?.models.join(', ') ?? '',
      state: (incident?.state ?? 'investigating') as State,
      text: '',
      text_zh: '',
    },
    validate: { title: (value) => (value.trim() === '' ? t.shell.required : null) },
  });
  const saving = useSubmit(form, async (values) => {
    const { title, title_zh, text, text_zh, state } = values;
    const models = namesOf(values.models);
    if (incident === null) {
      const body = { title, title_zh, text, text_zh, state, models };
      await call(api.POST('/api/operator/incidents', { body }));
    } else {
      const body = {
        text,
        text_zh,
        state: state === incident.state ? null : state,
        title: title === incident.title ? null : title,
        title_zh: title_zh === (incident.title_zh ?? '') ? null : title_zh,
        models: models.join() === incident.models.join() ? null : models,
      };
      const params = { path: { incident: incident.id } };
      await call(api.PATCH('/api/operator/incidents/{incident}', { params, body }));
    }
    props.onDone();
  });
  const states = Object.entries(t.states).map(([value, label]) => ({ value, label }));
  return (
    <form onSubmit={form.onSubmit((values) => void saving.submit(values))}>
      <Stack>
        <TextInput
          label={t.subject}
          maxLength={200}
          data-autofocus={incident === null || undefined}
          {...form.getInputProps('title')}
        />
        <NativeSelect label={t.state} data={states} {...form.getInputProps('state')} />
        <Textarea
          label={t.text}
          description={t.textHint}
          autosize
          minRows={3}
          maxLength={4000}
          data-autofocus={incident !== null || undefined}
          {...form.getInputProps('text')}
        />
        <TextInput label={t.models} description={t.modelsHint} {...form.getInputProps('models')} />
        <Fieldset legend={t.chinese}>
          <Stack>
            <TextInput
              label={t.subjectZh}
              description={t.chineseHint}
              maxLength={200}
              {...form.getInputProps('title_zh')}
            />
            <Textarea
              label={t.textZh}
              autosize
              minRows={2}
              maxLength={4000}
              {...form.getInputProps('text_zh')}
            />
          </Stack>
        </Fieldset>
        <Refusal text={saving.refused} />
        <Group justify="flex-end">
          <Button type="submit" loading={saving.isBusy}>
            {incident === null ? t.write : t.update}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
