// The three states of a page that are not its content. Loading has the shape of what will
// come; an error names our code and the request id, and offers to try again.
import { Button, Code, Group, Skeleton, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { asProblem } from '~/api/problem';
import { useTexts } from '~/i18n';
import { CopyButton } from './CopyButton';
import { Icon, type IconName } from './Icon';

export function EmptyState(props: {
  title: string;
  text?: ReactNode;
  icon?: IconName;
  action?: ReactNode;
}) {
  return (
    <Stack align="center" gap="sm" py={48} px="md" ta="center" data-state="empty">
      <ThemeIcon variant="light" size={44} radius="xl">
        <Icon name={props.icon ?? 'box'} size={22} />
      </ThemeIcon>
      <Title order={2} size="h4">
        {props.title}
      </Title>
      {props.text && (
        <Text c="dimmed" maw={480}>
          {props.text}
        </Text>
      )}
      {props.action}
    </Stack>
  );
}

export function LoadingState({ rows = 6 }: { rows?: number }) {
  const t = useTexts();
  return (
    <Stack gap="sm" p="md" aria-busy="true" data-state="loading">
      <span className="y-hidden" role="status">
        {t.shell.loading}
      </span>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={22} width={`${96 - ((row * 17) % 40)}%`} />
      ))}
    </Stack>
  );
}

export function ErrorState(props: { error: unknown; onRetry?: () => void }) {
  const t = useTexts();
  const problem = asProblem(props.error);
  const known = (t.shell.problems as Record<string, string | undefined>)[problem.code];
  return (
    <Stack align="center" gap="sm" py={40} px="md" ta="center" role="alert" data-state="error">
      <ThemeIcon variant="light" color="red" size={44} radius="xl">
        <Icon name="warning" size={22} />
      </ThemeIcon>
      <Title order={2} size="h4">
        {t.shell.failed}
      </Title>
      <Text maw={520}>{known ?? problem.message}</Text>
      <Group gap="xs" justify="center">
        <Code>{problem.code}</Code>
        {problem.requestId && (
          <>
            <Text size="sm" c="dimmed">
              {t.shell.requestId}
            </Text>
            <Code>{problem.requestId}</Code>
            <CopyButton value={problem.requestId} label={t.shell.copyRequestId} />
          </>
        )}
      </Group>
      {props.onRetry && (
        <Button variant="default" onClick={props.onRetry}>
          {t.shell.retry}
        </Button>
      )}
    </Stack>
  );
}
