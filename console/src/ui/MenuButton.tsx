// A round button and the menu that it opens, whose script is fetched at the first press.
import { ActionIcon } from '@mantine/core';
import { Suspense, useState } from 'react';
import { Icon, type IconName } from './Icon';
import { fetchedLater } from './later';

export interface MenuEntry {
  /** Where two entries of a menu may be labelled alike. */
  key?: string;
  label: string;
  run: () => void;
  icon?: IconName;
  isChosen?: boolean;
  isDangerous?: boolean;
}

/** What stands together in a menu, between lines. */
export interface MenuPart {
  heading?: string;
  entries: MenuEntry[];
}

export interface MenuButtonProps {
  label: string;
  icon: IconName;
  parts: MenuPart[];
  /** In the bar above all pages, not in one of them. */
  isInBar?: boolean;
}

const OpenedMenu = fetchedLater(() => import('./OpenedMenu').then((module) => module.OpenedMenu));

export function MenuButton(props: MenuButtonProps) {
  const [isPressed, setPressed] = useState(false);
  const closed = (
    <ActionIcon
      variant="default"
      size={props.isInBar ? 30 : undefined}
      aria-label={props.label}
      aria-haspopup="menu"
      aria-expanded={false}
      onClick={() => setPressed(true)}
    >
      <Icon name={props.icon} size={props.isInBar ? 16 : 20} />
    </ActionIcon>
  );
  if (!isPressed) return closed;
  return (
    <Suspense fallback={closed}>
      <OpenedMenu {...props} />
    </Suspense>
  );
}
