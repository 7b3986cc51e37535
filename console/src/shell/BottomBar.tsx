// On a phone the pages that are opened most are within the thumb's reach.
import { Text, UnstyledButton } from '@mantine/core';
import { useLocation } from '@tanstack/react-router';
import type { Role } from '~/api/types';
import { useSpeaking, useTexts } from '~/i18n';
import { Icon, type IconName } from '~/ui/Icon';
import { RouterLink } from '~/ui/RouterLink';
import styles from './BottomBar.module.css';
import { isCurrent, listedPages, type Section } from './pages';

export function BottomBar(props: { section: Section; role: Role | null; onMore: () => void }) {
  const t = useTexts();
  const { language } = useSpeaking();
  const { pathname } = useLocation();
  const pages = listedPages(props.section, props.role)
    .flatMap(({ pages: ofGroup }) => ofGroup)
    .filter((page) => page.isInBar);
  return (
    <nav className={styles.bar} aria-label={t.shell.shortcuts}>
      {pages.map((page) => (
        <RouterLink
          key={page.path}
          to={page.path}
          underline="never"
          activeOptions={{ exact: true }}
          className={styles.place}
          aria-current={isCurrent(page.path, pathname) ? 'page' : undefined}
        >
          <Place icon={page.icon ?? 'list'} label={page.label?.[language] ?? ''} />
        </RouterLink>
      ))}
      <UnstyledButton className={styles.place} onClick={props.onMore}>
        <Place icon="menu" label={t.shell.more} />
      </UnstyledButton>
    </nav>
  );
}

function Place({ icon, label }: { icon: IconName; label: string }) {
  return (
    <>
      <Icon name={icon} size={20} />
      <Text span fz={11} lh={1.2} truncate maw="100%">
        {label}
      </Text>
    </>
  );
}
