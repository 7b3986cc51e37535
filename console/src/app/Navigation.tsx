// The list of pages, by section; operators see both, with their own first.
import { Stack, Text } from '@mantine/core';
import { useLocation } from '@tanstack/react-router';
import type { Role } from '~/api/types';
import { useTexts } from '~/i18n';
import { Icon } from '~/ui/Icon';
import { RouterNavLink } from '~/ui/RouterLink';
import { PLACES, type Section } from './places';

export function Navigation(props: { role: Role | null; hasAccount: boolean; onGo: () => void }) {
  const t = useTexts();
  const { role } = props;
  return (
    <Stack gap={2}>
      {role && <Part section="operator" title={t.shell.operatorSection} {...props} />}
      {props.hasAccount && <Part section="customer" title={role ? t.shell.customerSection : null} {...props} />}
    </Stack>
  );
}

function Part(props: { section: Section; title: string | null; role: Role | null; onGo: () => void }) {
  const t = useTexts();
  const { pathname } = useLocation();
  const places = PLACES.filter(
    (place) => place.section === props.section && place.label && (!place.roles || (props.role && place.roles.includes(props.role))),
  );
  return (
    <>
      {props.title && <Text size="xs" fw={650} c="dimmed" px="sm" pt="sm" pb={4}>{props.title}</Text>}
      {places.map((place) => {
        const isHere = isCurrent(place.path, pathname);
        return (
          <RouterNavLink key={place.path} to={place.path} label={place.label?.(t)} leftSection={place.icon && <Icon name={place.icon} />}
            activeOptions={{ exact: true }} active={isHere} aria-current={isHere ? 'page' : undefined} onClick={props.onGo} py={6} style={{ borderRadius: 8 }} />
        );
      })}
    </>
  );
}

function isCurrent(path: string, pathname: string): boolean {
  const here = pathname.replace(/^\/console/, '').replace(/\/$/, '') || '/';
  if (path === '/' || path === '/operator') return here === path;
  return here === path || here.startsWith(`${path}/`);
}
