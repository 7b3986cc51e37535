// An operator who has an account of their own is two people: a switch between their places.
import { Group } from '@mantine/core';
import type { Session } from '~/api/types';
import { useTexts } from '~/i18n';
import { RouterButton } from '~/ui/RouterLink';
import type { Section } from './pages';

export function ModeSwitch({ section, session }: { section: Section; session: Session }) {
  const t = useTexts();
  if (session.user.role === null || session.accounts.length === 0) return null;
  const modes = [
    { to: '/operator', mode: 'operator', label: t.shell.operatorSection },
    { to: '/', mode: 'customer', label: t.shell.customerSection },
  ] as const;
  return (
    <Group gap={4} grow mb="xs" role="group" aria-label={t.shell.mode} className="y-switch">
      {modes.map(({ to, mode, label }) => (
        <RouterButton
          key={mode}
          to={to}
          size="compact-sm"
          px={4}
          variant={mode === section ? 'filled' : 'subtle'}
          aria-current={mode === section ? 'true' : undefined}
        >
          {label}
        </RouterButton>
      ))}
    </Group>
  );
}
