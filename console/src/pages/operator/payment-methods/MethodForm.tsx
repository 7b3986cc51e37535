// One instance: the fields come with their titles and help from the server, so that a new
// kind of method needs nothing here. Secrets that are left empty stay as they are.
import { Button, Checkbox, NativeSelect, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api, call } from '~/api/client';
import type { PaymentKind, PaymentMethod } from '~/api/types';
import { useSubmit } from '~/data/form';
import { useWords } from '~/i18n';
import { Refusal } from '~/ui/Refusal';
import { SecretField } from '~/ui/SecretField';
import { Time } from '~/ui/Time';
import { words } from './words';

type Values = Record<string, string | boolean>;
type Field = PaymentKind['fields'][number];

export function MethodForm(props: {
  kinds: PaymentKind[];
  method: PaymentMethod | null;
  onDone: () => void;
}) {
  const t = useWords(words);
  const { kinds, method } = props;
  const form = useForm<Values>({
    initialValues: {
      name: method?.name ?? '',
      kind: method?.kind ?? kinds[0]?.kind ?? '',
      is_test: method?.is_test ?? false,
      ...Object.fromEntries(
        Object.entries(method?.fields ?? {}).map(([name, value]) => [`f_${name}`, value]),
      ),
    },
    validate: { name: (value) => (String(value).trim() === '' ? t.shell.required : null) },
  });
  const kind = kinds.find((each) => each.kind === form.values.kind);
  const saving = useSubmit(form, async (values) => {
    const filled = (isSecret: boolean) =>
      Object.fromEntries(
        (kind?.fields ?? [])
          .filter((field) => field.is_secret === isSecret)
          .map((field) => [field.name, String(values[`f_${field.name}`] ?? field.default)])
          .filter(([, value]) => !isSecret || value !== ''),
      ) as Record<string, string>;
    await call(
      api.POST('/api/operator/payment-methods', {
        body: {
          name: String(values.name),
          kind: String(values.kind),
          is_test: Boolean(values.is_test),
          set: filled(false),
          secrets: filled(true),
        },
      }),
    );
    props.onDone();
  });
  return (
    <form onSubmit={form.onSubmit((values) => void saving.submit(values))}>
      <Stack>
        <NativeSelect
          label={t.kind}
          data={kinds.map((each) => ({ value: each.kind, label: each.title }))}
          disabled={method !== null}
          {...form.getInputProps('kind')}
        />
        <TextInput
          label={t.name}
          description={t.nameHint}
          required
          readOnly={method !== null}
          {...form.getInputProps('name')}
        />
        {kind?.fields.map((field) => (
          <FieldInput
            key={`${kind.kind}/${field.name}`}
            field={field}
            hint={hintOf(method, field.name)}
            input={{
              value: String(
                form.values[`f_${field.name}`] ?? (field.is_secret ? '' : field.default),
              ),
              error: form.errors[field.name],
              onChange: (text) => form.setFieldValue(`f_${field.name}`, text),
            }}
          />
        ))}
        {method?.old_secrets_until && (
          <Text c="dimmed">
            {t.oldUntil} <Time at={method.old_secrets_until} />
          </Text>
        )}
        <Checkbox
          label={t.isTest}
          description={t.isTestHint}
          {...form.getInputProps('is_test', { type: 'checkbox' })}
        />
        <Refusal text={saving.refused} />
        <div>
          <Button type="submit" loading={saving.isBusy}>
            {t.save}
          </Button>
        </div>
      </Stack>
    </form>
  );
}

/** The end of a secret that is set, and the day since when it is this one. */
function hintOf(method: PaymentMethod | null, name: string): string | null {
  const secret = method?.secrets[name];
  return secret ? `${secret.hint} · ${secret.replaced.slice(0, 10)}` : null;
}

function FieldInput(props: {
  field: Field;
  hint: string | null;
  input: { value: string; error: React.ReactNode; onChange: (text: string) => void };
}) {
  const t = useWords(words);
  const { field, hint, input } = props;
  const shared = {
    label: field.title,
    description: field.help,
    required: field.is_required && hint === null,
    value: input.value,
    error: input.error,
    autoComplete: 'off',
    spellCheck: false,
    placeholder: hint === null ? undefined : t.kept(hint),
    onChange: (event: { currentTarget: { value: string } }) =>
      input.onChange(event.currentTarget.value),
  };
  if (field.choices.length > 0) {
    const { placeholder: _, ...plain } = shared;
    return <NativeSelect {...plain} data={field.choices} />;
  }
  if (field.is_long) return <Textarea {...shared} autosize minRows={3} className="y-mono" />;
  return field.is_secret ? <SecretField {...shared} /> : <TextInput {...shared} />;
}
