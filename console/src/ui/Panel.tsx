// A part of a page on its own ground, with a heading.
import { Box, Group, Title } from '@mantine/core';
import type { ReactNode } from 'react';

export function Panel(props: {
  title?: string;
  actions?: ReactNode;
  children: ReactNode;
  isFlush?: boolean;
}) {
  return (
    <Box component="section" className="y-panel" p={props.isFlush ? 0 : 'md'}>
      {(props.title ?? props.actions) && (
        <Group justify="space-between" mb="sm" p={props.isFlush ? 'md' : 0} pb={0}>
          {props.title && (
            <Title order={2} size="h4">
              {props.title}
            </Title>
          )}
          {props.actions}
        </Group>
      )}
      {props.children}
    </Box>
  );
}
