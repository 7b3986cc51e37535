// One service: its preset's fields come with titles and help from the server; those that every
// service has are here. Secrets that are left empty stay as they are.
import { Button, Checkbox, NativeSelect, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { type UseFormReturnType, useForm } from '@mantine/form';
import { api, call } from '~/api/client';
import type { ServicePreset, ServiceSetUp } from '~/api/types';
import { useSubmit } from '~/data/form';
import { useWords } from '~/i18n';
import { Refusal } from '~/ui/Refusal';
import { SecretField } from '~/ui/SecretField';
import { toastDone } from '~/ui/toast';
import { words } from './words';

interface Values extends Record<string, unknown> {
  name: string;
  preset: string;
  title: string;
  allows: string;
  mail_domains: string;
  roles: string;
  second_factor: boolean;
  position: string;
  own: Record<string, string>;
}
type Form = UseFormReturnType<Values>;

export function ServiceForm(props: {
  presets: ServicePreset[];
  service: ServiceSetUp | null;
  onDone: () => void;
}) {
  const t = useWords(words);
  const { presets, service } = props;
  const form: Form = useForm<Values>({
    initialValues: {
      name: service?.name ?? '',
      preset: service?.preset ?? presets[0]?.name ?? '',
      title: service?.title ?? '',
      allows: service?.allows ?? '',
      mail_domains: service?.mail_domains.join(', ') ?? '',
      roles: Object.entries(service?.roles ?? {})
        .map(([group, role]) => `${group}=${role}`)
        .join(', '),
      second_factor: service?.second_factor ?? false,
      position: String(service?.position ?? 0),
      own: { ...service?.settings },
    },
    validate: { name: (value) => (value.trim() === '' ? t.shell.required : null) },
  });
  const preset = presets.find((each) => each.name === form.values.preset);
  const saving = useSubmit(form, async (values) => {
    const filled = (isSecret: boolean) =>
      Object.fromEntries(
        (preset?.fields ?? [])
          .filter((field) => (field.kind === 'secret') === isSecret)
          .map((field) => [field.name, values.own[field.name] ?? field.default])
          .filter(([, value]) => !isSecret || value !== ''),
      ) as Record<string, string>;
    const { name, title, allows, mail_domains, roles, position } = values;
    const second_factor = String(values.second_factor);
    const general = { title, allows, mail_domains, roles, position, second_factor };
    await call(
      api.POST('/api/operator/sign-in-services', {
        body: {
          name: name.trim(),
          preset: values.preset,
          fields: { ...filled(false), ...general },
          secrets: filled(true),
        },
      }),
    );
    toastDone(t.shell.saved);
    props.onDone();
  });
  return (
    <form onSubmit={form.onSubmit((values) => void saving.submit(values))} autoComplete="off">
      <Stack>
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <NativeSelect
            label={t.preset}
            data={presets.map((each) => ({ value: each.name, label: each.title }))}
            disabled={service !== null}
            {...form.getInputProps('preset')}
          />
          <TextInput
            label={t.name}
            description={t.nameHint}
            readOnly={service !== null}
            {...form.getInputProps('name')}
          />
        </SimpleGrid>
        {preset?.fields.map((field) => (
          <OwnField
            key={`${preset.name}/${field.name}`}
            field={field}
            form={form}
            isNew={service === null}
          />
        ))}
        <GeneralFields form={form} />
        <Refusal text={saving.refused} />
        <div>
          <Button type="submit" loading={saving.isBusy}>
            {t.shell.save}
          </Button>
        </div>
      </Stack>
    </form>
  );
}

function OwnField(props: { field: ServicePreset['fields'][number]; form: Form; isNew: boolean }) {
  const t = useWords(words);
  const { field, form } = props;
  const isSecret = field.kind === 'secret';
  const shared = {
    label: field.title,
    description: (isSecret && !props.isNew ? t.secretKept : field.help) || undefined,
    required: field.is_required && (!isSecret || props.isNew),
    value: form.values.own[field.name] ?? field.default,
    error: form.errors[field.name],
    onChange: (event: { currentTarget: { value: string } }) =>
      form.setFieldValue(`own.${field.name}`, event.currentTarget.value),
  };
  if (field.choices.length > 0) return <NativeSelect {...shared} data={field.choices} />;
  const Input = isSecret ? SecretField : TextInput;
  return <Input {...shared} autoComplete="off" spellCheck={false} />;
}

function GeneralFields({ form }: { form: Form }) {
  const t = useWords(words);
  const allows = Object.entries(t.allowsChoices).map(([value, label]) => ({
    value: value === 'as_set' ? '' : value,
    label,
  }));
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <TextInput label={t.button} description={t.titleHint} {...form.getInputProps('title')} />
        <TextInput
          label={t.position}
          description={t.positionHint}
          inputMode="numeric"
          {...form.getInputProps('position')}
        />
      </SimpleGrid>
      <NativeSelect label={t.allows} data={allows} {...form.getInputProps('allows')} />
      <TextInput
        label={t.domains}
        description={t.domainsHint}
        {...form.getInputProps('mail_domains')}
      />
      <TextInput label={t.roles} description={t.rolesHint} {...form.getInputProps('roles')} />
      <Checkbox
        label={t.secondFactor}
        description={t.secondFactorHint}
        {...form.getInputProps('second_factor', { type: 'checkbox' })}
      />
    </>
  );
}
