// What a new shop needs, in order, each step with the page where it is done; gone when all is.
import { Group, Stack, Text, ThemeIcon } from '@mantine/core';
import type { Home } from '~/api/types';
import { useWords } from '~/i18n';
import { Icon } from '~/ui/Icon';
import { Panel } from '~/ui/Panel';
import { RouterLink } from '~/ui/RouterLink';
import { words } from './words';

export function SetupPanel({ checklist }: { checklist: Home['checklist'] }) {
  const t = useWords(words);
  const steps = [
    { isDone: checklist.has_model, label: t.stepModel, to: '/operator/models' },
    { isDone: checklist.has_channel, label: t.stepChannel, to: '/operator/channels' },
    { isDone: checklist.has_account, label: t.stepAccount, to: '/operator/accounts' },
    { isDone: checklist.has_token, label: t.stepToken, to: '/tokens' },
    { isDone: checklist.has_request, label: t.stepRequest, to: '/playground' },
  ];
  if (steps.every((step) => step.isDone)) return null;
  return (
    <Panel title={t.setup}>
      <Stack gap="xs" component="ol" m={0} p={0} style={{ listStyle: 'none' }}>
        {steps.map((step) => (
          <Group key={step.to} gap="sm" component="li">
            <ThemeIcon
              size="sm"
              radius="xl"
              variant={step.isDone ? 'filled' : 'default'}
              color="green"
              role="img"
              aria-label={step.isDone ? t.stepDone : t.stepOpen}
            >
              {step.isDone ? <Icon name="check" size={12} /> : null}
            </ThemeIcon>
            {step.isDone ? (
              <Text c="dimmed">{step.label}</Text>
            ) : (
              <RouterLink to={step.to}>{step.label}</RouterLink>
            )}
          </Group>
        ))}
      </Stack>
    </Panel>
  );
}
