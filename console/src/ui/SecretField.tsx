// A password field whose eye has a name.
import { PasswordInput, type PasswordInputProps } from '@mantine/core';
import { useState } from 'react';
import { useTexts } from '~/i18n';

export function SecretField(props: PasswordInputProps) {
  const t = useTexts();
  const [isShown, setShown] = useState(false);
  return (
    <PasswordInput
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
