// The menu of a MenuButton, opened as soon as it is there.
import '~/theme/menus.css';
import { ActionIcon, Menu } from '@mantine/core';
import { Fragment } from 'react';
import { Icon } from './Icon';
import type { MenuButtonProps, MenuEntry } from './MenuButton';
import { useOpenedAtOnce } from './openedAtOnce';

/** It opens inside the page's main part, so that nothing of it lies outside all landmarks. */
const INSIDE_MAIN = { target: '#main' };

export function OpenedMenu({ label, icon, parts, isInBar }: MenuButtonProps) {
  const { button, isOpen, setOpen } = useOpenedAtOnce();
  return (
    <Menu
      position="bottom-end"
      opened={isOpen}
      onChange={setOpen}
      withArrow={isInBar}
      withinPortal={!isInBar}
      portalProps={INSIDE_MAIN}
    >
      <Menu.Target>
        <ActionIcon
          ref={button}
          variant="default"
          size={isInBar ? 30 : undefined}
          aria-label={label}
        >
          <Icon name={icon} size={isInBar ? 16 : 20} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown aria-label={label}>
        {parts.map((part, place) => (
          <Fragment key={part.heading ?? part.entries[0]?.label}>
            {place > 0 && <Menu.Divider />}
            {part.heading && <Menu.Label>{part.heading}</Menu.Label>}
            {part.entries.map((entry) => (
              <Item key={entry.key ?? entry.label} entry={entry} />
            ))}
          </Fragment>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Item({ entry }: { entry: MenuEntry }) {
  const { label, run, icon, isChosen, isDangerous } = entry;
  return (
    <Menu.Item
      onClick={run}
      c={isDangerous ? 'red' : undefined}
      aria-current={isChosen ? 'true' : undefined}
      leftSection={icon && <Icon name={icon} size={16} />}
      rightSection={isChosen && <Icon name="check" size={16} />}
    >
      {label}
    </Menu.Item>
  );
}
