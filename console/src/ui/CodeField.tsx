// A field for the code of an authenticator, or of a mail (`isNumeric`): browsers and phones
// offer what has just arrived.
import { TextInput, type TextInputProps } from '@mantine/core';

export function CodeField({ isNumeric, ...props }: TextInputProps & { isNumeric?: boolean }) {
  return (
    <TextInput
      autoComplete="one-time-code"
      inputMode={isNumeric ? 'numeric' : undefined}
      {...props}
    />
  );
}
