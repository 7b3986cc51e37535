// A password field whose eye has a name, and which says itself that it is wrong: Mantine marks
// the fields of its other kinds only.
import { PasswordInput, type PasswordInputProps } from '@mantine/core';
import { useState } from 'react';
import { useTexts } from '~/i18n';

export function SecretField(props: PasswordInputProps) {
  const t = useTexts();
  const [isShown, setShown] = useState(false);
  return (
    <PasswordInput
      aria-invalid={props.error ? true : undefined}
      {...props}
      visible={isShown}
      onVisibilityChange={setShown}
      visibilityToggleButtonProps={{
        'aria-label': isShown ? t.shell.hideSecret : t.shell.showSecret,
        tabIndex: 0,
      }}
    />
  );
}
