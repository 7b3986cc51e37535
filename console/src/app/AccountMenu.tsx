// Who is signed in, the way to their account page, and out.
import { ActionIcon, Menu } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { api, call } from '~/api/client';
import type { Session } from '~/api/types';
import { useTexts } from '~/i18n';
import { Icon } from '~/ui/Icon';
import { toastRefused } from '~/ui/toast';
import { useSetSession } from './site';

export function AccountMenu({ session }: { session: Session }) {
  const t = useTexts();
  const navigate = useNavigate();
  const setSession = useSetSession();
  const signOut = async () => {
    try {
      await call(api.DELETE('/api/session'));
      setSession(null);
      await navigate({ to: '/sign-in' });
    } catch (reason) {
      toastRefused(reason);
    }
  };
  return (
    <Menu position="bottom-end" withArrow>
      <Menu.Target>
        <ActionIcon variant="default" size={30} aria-label={t.shell.accountMenu}><Icon name="person" size={16} /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown aria-label={t.shell.accountMenu}>
        <Menu.Label>{session.user.email}</Menu.Label>
        <Menu.Item onClick={() => void navigate({ to: '/account' })} leftSection={<Icon name="cog" size={16} />}>{t.shell.nav.account}</Menu.Item>
        <Menu.Item onClick={() => void signOut()} leftSection={<Icon name="leave" size={16} />}>{t.shell.signOut}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
