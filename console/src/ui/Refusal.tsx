// The line of a form that says why it was refused; a long form is moved until it is seen.
import { Alert } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { Icon } from './Icon';

export function Refusal({ text }: { text: string | null }) {
  const line = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text is another reason to look
  useEffect(() => {
    // In braces: browsers begin to answer with a promise here, which is no clean-up.
    void line.current?.scrollIntoView({ block: 'nearest' });
  }, [text]);
  if (text === null) return null;
  return (
    <Alert
      ref={line}
      color="red"
      role="alert"
      icon={<Icon name="warning" />}
      style={{ flexShrink: 0 }}
    >
      {text}
    </Alert>
  );
}
