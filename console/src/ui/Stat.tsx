// One figure with its name: the tiles at the head of a page.
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Panel } from './Panel';

export function Stat(props: { label: string; value: ReactNode; hint?: ReactNode }) {
  return (
    <Panel>
      <Text size="sm" c="dimmed">
        {props.label}
      </Text>
      <Text component="div" fw={650} fz={24} lh={1.3} className="y-number">
        {props.value}
      </Text>
      {props.hint && (
        <Text component="div" size="sm" c="dimmed">
          {props.hint}
        </Text>
      )}
    </Panel>
  );
}
