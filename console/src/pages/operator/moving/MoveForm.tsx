// What to look at or take: the program, its database, its prices, and a few choices.
import {
  Accordion,
  Button,
  Checkbox,
  Group,
  NativeSelect,
  SimpleGrid,
  Stack,
  TextInput,
} from '@mantine/core';
import { type UseFormReturnType, useForm } from '@mantine/form';
import { useSubmit } from '~/data/form';
import { useWords } from '~/i18n';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { SecretField } from '~/ui/SecretField';
import { askOf, EMPTY, PROGRAMS, readAnswers, type Values } from './values';
import { words } from './words';

export interface MoveFormProps {
  files: string[];
  folder: string;
  isBusy: boolean;
  run: (act: 'look' | 'take', ask: ReturnType<typeof askOf>, isProbing: boolean) => Promise<void>;
}

export function MoveForm(props: MoveFormProps) {
  const t = useWords(words);
  const form = useForm<Values>({
    initialValues: EMPTY,
    validate: {
      name: (value) => (/^[a-z0-9][a-z0-9-]{0,49}$/.test(value.trim()) ? null : t.nameHint),
      place: (value) => (value.trim() === '' ? t.shell.required : null),
    },
  });
  const looking = useSubmit(form, (values) => props.run('look', askOf(values), values.probe));
  const taking = useSubmit(form, (values) => props.run('take', askOf(values), false));
  return (
    <Panel title={t.from}>
      <form
        onSubmit={form.onSubmit((values) => void looking.submit(values))}
        data-form="moving"
        autoComplete="off"
      >
        <Stack>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <NativeSelect label={t.program} data={PROGRAMS} {...form.getInputProps('kind')} />
            <TextInput label={t.name} description={t.nameHint} {...form.getInputProps('name')} />
            <TextInput
              label={t.place}
              description={t.placeHint(props.folder)}
              list="moving-files"
              {...form.getInputProps('place')}
            />
            <TextInput
              label={t.rate}
              description={t.rateHint}
              inputMode="decimal"
              placeholder="7.5"
              {...form.getInputProps('rate')}
            />
            <TextInput
              type="file"
              multiple
              accept=".json,application/json"
              label={t.answers}
              description={t.answersHint}
              error={form.errors.answers}
              onChange={(event) => {
                const chosen = event.currentTarget.files;
                void readAnswers(chosen).then((found) => form.setFieldValue('answers', found));
              }}
            />
            <TextInput
              label={t.live}
              placeholder="https://old.example"
              {...form.getInputProps('live')}
            />
            <SecretField
              label={t.liveToken}
              autoComplete="off"
              {...form.getInputProps('live_token')}
            />
            {form.values.kind === 'litellm' && (
              <SecretField
                label={t.saltKey}
                autoComplete="off"
                {...form.getInputProps('salt_key')}
              />
            )}
          </SimpleGrid>
          <datalist id="moving-files">
            {props.files.map((file) => (
              <option key={file} value={file} />
            ))}
          </datalist>
          <Choices form={form} />
          <Refusal text={looking.refused ?? taking.refused} />
          <Group>
            <Button type="submit" loading={looking.isBusy} disabled={props.isBusy}>
              {t.look}
            </Button>
            <Button
              variant="default"
              loading={taking.isBusy}
              disabled={props.isBusy}
              onClick={() => form.onSubmit((values) => void taking.submit(values))()}
            >
              {t.take}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}

function Choices({ form }: { form: UseFormReturnType<Values> }) {
  const t = useWords(words);
  const check = (name: keyof Values) => form.getInputProps(name, { type: 'checkbox' });
  return (
    <Accordion variant="separated" order={3}>
      <Accordion.Item value="more">
        <Accordion.Control>{t.more}</Accordion.Control>
        <Accordion.Panel>
          <Stack gap="xs">
            <Checkbox label={t.probe} {...check('probe')} />
            <Checkbox label={t.allowPrivate} {...check('allow_private')} />
            <Checkbox label={t.rootBalance} {...check('root_balance')} />
            <Checkbox label={t.debts} {...check('debts')} />
            <Checkbox label={t.subscriptions} {...check('subscriptions')} />
            <Checkbox label={t.affiliate} {...check('affiliate')} />
            <Checkbox label={t.skipDuplicates} {...check('skip_duplicates')} />
            <Checkbox label={t.keepRoles} {...check('keep_roles')} />
            <Checkbox label={t.emailsVerified} {...check('emails_verified')} />
            {form.values.kind === 'litellm' && (
              <Checkbox label={t.remaining} {...check('remaining')} />
            )}
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}
