// All settings in one form: what is changed is saved together by the bar at the bottom.
import { Button, Group, Paper, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import { asProblem } from '~/api/problem';
import type { Setting } from '~/api/types';
import { microsOf, typed } from '~/format/format';
import { useWords } from '~/i18n';
import { useMay } from '~/shell/may';
import { useCurrency } from '~/shell/site';
import { Panel } from '~/ui/Panel';
import { toastDone } from '~/ui/toast';
import { grouped } from './groups';
import { AMOUNTS, SettingInput } from './SettingInput';
import styles from './Settings.module.css';
import { words } from './words';

type Values = Record<string, string>;

export function SettingsForm({ settings }: { settings: Setting[] }) {
  const t = useWords(words);
  const queries = useQueryClient();
  const mayEdit = useMay('owner');
  const [isBusy, setBusy] = useState(false);
  const saved = Object.fromEntries(settings.map((one) => [one.name, shownOf(one)]));
  const form = useForm<Values>({
    initialValues: saved,
    validate: Object.fromEntries(
      AMOUNTS.map((name) => [
        name,
        (value: string) => (microsOf(value) === null ? t.shell.notAnAmount : null),
      ]),
    ),
  });
  const changed = settings.filter(({ name }) => form.values[name] !== saved[name]);
  const save = async (values: Values) => {
    setBusy(true);
    let isWhole = true;
    for (const setting of inOrder(changed, values)) {
      const value = sentOf(setting, values[setting.name] ?? '');
      try {
        await call(
          api.PUT('/api/operator/settings/{setting}', {
            params: { path: { setting: setting.name } },
            body: { value },
          }),
        );
      } catch (reason) {
        isWhole = false;
        form.setFieldError(setting.name, asProblem(reason).message);
      }
    }
    await Promise.all([
      queries.invalidateQueries({ queryKey: ['operator', 'settings'] }),
      queries.invalidateQueries({ queryKey: ['site'] }),
    ]);
    setBusy(false);
    if (isWhole) toastDone(t.shell.saved);
  };
  return (
    <form onSubmit={form.onSubmit((values) => void save(values))}>
      <Stack>
        {grouped(settings).map(({ group, items }) => (
          <Panel key={group} title={t.groups[group]}>
            <Stack>
              {items.map((setting) => (
                <Field
                  key={setting.name}
                  setting={setting}
                  mayEdit={mayEdit}
                  input={form.getInputProps(setting.name)}
                  isDefault={isDefault(setting, form.values[setting.name] ?? '')}
                  onDefault={() => form.setFieldValue(setting.name, defaultOf(setting))}
                />
              ))}
            </Stack>
          </Panel>
        ))}
      </Stack>
      {changed.length > 0 && (
        <Paper withBorder shadow="md" p="sm" className={styles.bar} data-save-bar="">
          <Group justify="space-between">
            <Text fw={600} role="status">
              {t.shell.unsaved(changed.length)}
            </Text>
            <Group gap="xs">
              <Button variant="default" onClick={() => form.setValues(saved)}>
                {t.shell.discard}
              </Button>
              <Button type="submit" loading={isBusy}>
                {t.shell.save}
              </Button>
            </Group>
          </Group>
        </Paper>
      )}
    </form>
  );
}

function Field(props: {
  setting: Setting;
  mayEdit: boolean;
  input: object;
  isDefault: boolean;
  onDefault: () => void;
}) {
  const t = useWords(words);
  const { symbol } = useCurrency();
  const { setting, mayEdit } = props;
  const names = t.names as Record<string, { label: string; hint: string } | undefined>;
  const about = names[setting.name] ?? { label: setting.name, hint: '' };
  const common = {
    label: AMOUNTS.includes(setting.name) ? `${about.label} (${symbol})` : about.label,
    description: about.hint || undefined,
    readOnly: !mayEdit,
    ...props.input,
  };
  return (
    <Group align="flex-end" data-setting={setting.name}>
      <div style={{ flex: '1 1 16rem', minWidth: 0 }}>
        <SettingInput
          setting={setting}
          mayEdit={mayEdit}
          isNumber={isNumber(setting)}
          common={common}
        />
      </div>
      {mayEdit && !props.isDefault && (
        <Button
          variant="subtle"
          onClick={props.onDefault}
          aria-label={`${t.toDefault}: ${about.label}`}
        >
          {t.toDefault}
        </Button>
      )}
    </Group>
  );
}

/** A secret that is set is not told: its field is empty, and empty leaves it. */
const CLEARED = '\u0000';

function isNumber(setting: Setting): boolean {
  return !AMOUNTS.includes(setting.name) && typeof setting.default === 'number';
}

function textOf(setting: Setting, value: Setting['value']): string {
  return AMOUNTS.includes(setting.name) ? typed(Number(value)) : String(value ?? '');
}

function shownOf(setting: Setting): string {
  return setting.is_secret ? '' : textOf(setting, setting.value);
}

function defaultOf(setting: Setting): string {
  return setting.is_secret ? CLEARED : textOf(setting, setting.default);
}

function isDefault(setting: Setting, text: string): boolean {
  if (setting.is_secret) return setting.source !== 'console' || text === CLEARED;
  return text === defaultOf(setting);
}

/** What the API takes; null is the default again. */
function sentOf(setting: Setting, text: string): string | number | boolean | null {
  if (text === defaultOf(setting)) return null;
  if (AMOUNTS.includes(setting.name)) return microsOf(text);
  if (typeof setting.default === 'boolean') return text === 'true';
  return isNumber(setting) ? Number(text) : text;
}

/** Sign-up opens only once mail can be sent, and closes before that ends. */
function inOrder(changed: Setting[], values: Values): Setting[] {
  const rank = ({ name }: Setting) => (name !== 'sign_up' ? 1 : values[name] === 'open' ? 2 : 0);
  return [...changed].sort((one, other) => rank(one) - rank(other));
}
