// What can be done to one row of a table: a button of three dots, and what it opens.
import { ActionIcon, Menu } from '@mantine/core';
import type { ReactNode } from 'react';
import { Icon } from './Icon';

/** It opens inside the page's main part, so that nothing of it lies outside all landmarks. */
const INSIDE_MAIN = { target: '#main' };

export function RowMenu({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Menu position="bottom-end" portalProps={INSIDE_MAIN}>
      <Menu.Target>
        <ActionIcon variant="default" aria-label={label}>
          <Icon name="more" size={20} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown aria-label={label}>{children}</Menu.Dropdown>
    </Menu>
  );
}
