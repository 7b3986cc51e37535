// The way to the first request. The page asks again every few seconds, so the last step
// ticks itself when the call arrives.
import { Code, Group, List, Loader, Stack, Text, ThemeIcon } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Overview } from '~/api/types';
import { useWords } from '~/i18n';
import { useSite } from '~/shell/site';
import { CopyButton } from '~/ui/CopyButton';
import { Icon } from '~/ui/Icon';
import { Panel } from '~/ui/Panel';
import { RouterButton, RouterLink } from '~/ui/RouterLink';
import { words } from './words';

export function Checklist({ overview }: { overview: Overview }) {
  const t = useWords(words);
  const { api_url: apiUrl } = useSite();
  const {
    has_balance: hasBalance,
    has_token: hasToken,
    has_request: hasRequest,
  } = overview.checklist;
  const address = `${apiUrl}/v1`;
  return (
    <Panel title={t.checklist}>
      <List listStyleType="none" spacing="md" data-checklist="">
        <Step
          isDone={hasBalance}
          title={t.stepBalance}
          text={t.stepBalanceText}
          action={
            <RouterButton to="/top-up" variant="default" size="xs">
              {t.topUp}
            </RouterButton>
          }
        />
        <Step
          isDone={hasToken}
          title={t.stepToken}
          text={t.stepTokenText}
          action={
            <RouterButton
              to="/tokens"
              search={{ create: '1' } as never}
              variant="default"
              size="xs"
            >
              {t.createToken}
            </RouterButton>
          }
        />
        <Step
          isDone={hasRequest}
          isWaiting={hasToken && !hasRequest}
          title={t.stepRequest}
          text={
            <Stack gap={6}>
              <span>{hasRequest ? t.stepRequestDone : t.stepRequestText}</span>
              {!hasRequest && (
                <Group gap="xs">
                  <Code className="y-mono">{address}</Code>
                  <CopyButton value={address} label={t.copyAddress} />
                </Group>
              )}
            </Stack>
          }
          action={
            hasRequest ? (
              <RouterLink to="/logs">{t.seeLog}</RouterLink>
            ) : (
              <RouterButton to="/playground" variant="default" size="xs">
                {t.tryIt}
              </RouterButton>
            )
          }
        />
      </List>
      <span className="y-hidden" role="status">
        {hasRequest ? t.stepRequestDone : ''}
      </span>
    </Panel>
  );
}

function Step(props: {
  isDone: boolean;
  isWaiting?: boolean;
  title: string;
  text: ReactNode;
  action: ReactNode;
}) {
  const t = useWords(words);
  return (
    <List.Item data-done={props.isDone ? '' : undefined}>
      <Group align="flex-start" wrap="nowrap" gap="sm">
        <ThemeIcon variant={props.isDone ? 'light' : 'default'} color="green" radius="xl" size={28}>
          {props.isWaiting ? (
            <Loader size={14} />
          ) : (
            <Icon name={props.isDone ? 'check' : 'next'} size={16} />
          )}
        </ThemeIcon>
        <Stack gap={4} flex={1}>
          <Group gap="xs">
            <Text fw={600}>{props.title}</Text>
            {props.isDone && (
              <Text size="sm" c="dimmed">
                {t.done}
              </Text>
            )}
            {props.isWaiting && (
              <Text size="sm" c="dimmed">
                {t.waiting}
              </Text>
            )}
          </Group>
          <Text size="sm" c="dimmed" component="div">
            {props.text}
          </Text>
          <div>{props.action}</div>
        </Stack>
      </Group>
    </List.Item>
  );
}
