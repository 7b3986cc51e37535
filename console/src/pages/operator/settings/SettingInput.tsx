// The right kind of field for a setting.
import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import type { Setting } from '~/api/types';
import { useWords } from '~/i18n';
import { SecretField } from '~/ui/SecretField';
import { PictureInput } from './PictureInput';
import { words } from './words';

/** Settings that are money, typed in 元. */
export const AMOUNTS = [
  'sign_up_grant',
  'low_balance',
  'low_channel_balance',
  'topup_min',
  'topup_max',
  'topup_daily_max',
];

const PICTURES = ['brand_logo', 'brand_icon'];
const SECURITIES = ['starttls', 'tls', 'none'];

interface InputProps {
  setting: Setting;
  mayEdit: boolean;
  isNumber: boolean;
  common: Record<string, unknown> & { label: string };
}

/** The right kind of field for a setting. */
export function SettingInput({ setting, mayEdit, isNumber, common }: InputProps) {
  const t = useWords(words);
  const choices: Record<string, string> | undefined = {
    sign_up: t.signUps,
    operators_sign_in: t.operatorsSignIn,
    status_page: t.statusPages,
  }[setting.name];
  if (choices !== undefined) {
    const data = Object.entries(choices).map(([value, label]) => ({ value, label }));
    return <NativeSelect {...common} disabled={!mayEdit} data={data} />;
  }
  if (PICTURES.includes(setting.name)) return <PictureInput disabled={!mayEdit} {...common} />;
  if (setting.name === 'smtp_security')
    return <NativeSelect {...common} disabled={!mayEdit} data={SECURITIES} />;
  if (typeof setting.default === 'boolean') {
    const answers = [
      { value: 'true', label: t.shell.yes },
      { value: 'false', label: t.shell.no },
    ];
    return <NativeSelect {...common} disabled={!mayEdit} data={answers} />;
  }
  if (setting.name === 'notice') return <Textarea autosize minRows={2} {...common} />;
  if (setting.is_secret)
    return <SecretField placeholder={String(setting.value ?? '')} autoComplete="off" {...common} />;
  const isAmount = AMOUNTS.includes(setting.name);
  const inputMode = isNumber ? 'numeric' : isAmount ? 'decimal' : undefined;
  return <TextInput inputMode={inputMode} {...common} />;
}
