// A secret that is shown this once: to copy, with a clear word that it will not come back.
import { Alert, Code, Group, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTexts } from '~/i18n';
import { CopyButton } from './CopyButton';
import { Icon } from './Icon';

/** For the dialog around it: while the secret is shown, only its own button closes it. */
export function keepOpen(isShown: boolean) {
  return { closeOnClickOutside: !isShown, closeOnEscape: !isShown };
}

export function ShowOnce(props: {
  secret: string;
  label: string;
  warning?: string;
  children?: ReactNode;
}) {
  const t = useTexts();
  return (
    <Stack gap="sm">
      <Alert color="yellow" icon={<Icon name="warning" />}>
        {props.warning ?? t.shell.shownOnce}
      </Alert>
      <Group gap="xs" wrap="nowrap" align="stretch">
        <Code
          block
          className="y-mono"
          flex={1}
          aria-label={props.label}
          data-secret=""
          style={{ whiteSpace: 'pre-wrap' }}
        >
          {props.secret}
        </Code>
        <CopyButton value={props.secret} label={`${t.shell.copy}: ${props.label}`} />
      </Group>
      {props.children}
    </Stack>
  );
}
