// Every page's frame: its title in the browser's tab and as the heading, its actions at the right.
import { Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { useSite } from '~/shell/site';
import { UnitGloss } from './UnitGloss';

export interface PageFrameProps {
  title: string;
  intro?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function PageFrame(props: PageFrameProps) {
  useTitle(props.title);
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={1} size="h2" tabIndex={-1} id="page-title">
            {props.title}
          </Title>
          {props.intro && (
            <Text c="dimmed" maw={720}>
              {props.intro}
            </Text>
          )}
          <UnitGloss />
        </div>
        {props.actions && (
          <Group gap="xs" className="y-no-print">
            {props.actions}
          </Group>
        )}
      </Group>
      {props.children}
    </Stack>
  );
}

export function useTitle(title: string): void {
  const { name } = useSite();
  useEffect(() => {
    document.title = `${title} · ${name}`;
  }, [title, name]);
}
