// The list of a section's pages under their headings.
import { Stack, Text } from '@mantine/core';
import { useLocation } from '@tanstack/react-router';
import type { Role } from '~/api/types';
import { useSpeaking } from '~/i18n';
import { Icon } from '~/ui/Icon';
import { RouterNavLink } from '~/ui/RouterLink';
import { GROUPS } from './groups';
import { isCurrent, listedPages, type Page, type Section } from './pages';

export function Navigation(props: { section: Section; role: Role | null; onGo: () => void }) {
  const { language } = useSpeaking();
  return (
    <Stack gap={2}>
      {listedPages(props.section, props.role).map(({ group, pages }) => (
        <Stack key={group ?? ''} gap={2}>
          {group && (
            <Text size="xs" fw={600} c="dimmed" px="sm" pt="sm" pb={2}>
              {GROUPS[group][language]}
            </Text>
          )}
          {pages.map((page) => (
            <PageLink key={page.path} page={page} onGo={props.onGo} />
          ))}
        </Stack>
      ))}
    </Stack>
  );
}

function PageLink({ page, onGo }: { page: Page; onGo: () => void }) {
  const { language } = useSpeaking();
  const { pathname } = useLocation();
  const isHere = isCurrent(page.path, pathname);
  return (
    <RouterNavLink
      to={page.path}
      label={page.label?.[language]}
      leftSection={page.icon && <Icon name={page.icon} />}
      activeOptions={{ exact: true }}
      active={isHere}
      aria-current={isHere ? 'page' : undefined}
      onClick={onGo}
      py={5}
      style={{ borderRadius: 8 }}
    />
  );
}
