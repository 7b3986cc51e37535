// Who is signed in, the way to their account page, and out.
import { ActionIcon, Menu } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { api, call } from '~/api/client';
import type { Session } from '~/api/types';
import { useTexts } from '~/i18n';
import { Icon } from '~/ui/Icon';
import { toastRefused } from '~/ui/toast';
import { useChooseAccount, useSetSession } from './site';

export function AccountMenu({ session }: { session: Session }) {
  const t = useTexts();
  const navigate = useNavigate();
  const setSession = useSetSession();
  const chooseAccount = useChooseAccount();
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
    <Menu position="bottom-end" withArrow withinPortal={false}>
      <Menu.Target>
        <ActionIcon variant="default" size={30} aria-label={t.shell.accountMenu}>
          <Icon name="person" size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown aria-label={t.shell.accountMenu}>
        {session.accounts.length > 1 && (
          <>
            <Menu.Label>{t.shell.accounts}</Menu.Label>
            {session.accounts.map(({ id, name }) => (
              <Menu.Item
                key={id}
                aria-current={id === session.account ? 'true' : undefined}
                onClick={() => chooseAccount(id)}
                rightSection={id === session.account && <Icon name="check" size={16} />}
              >
                {name}
              </Menu.Item>
            ))}
            <Menu.Divider />
          </>
        )}
        <Menu.Label>{session.user.email}</Menu.Label>
        <Menu.Item
          onClick={() => void navigate({ to: '/account' })}
          leftSection={<Icon name="cog" size={16} />}
        >
          {t.shell.accountPage}
        </Menu.Item>
        <Menu.Item onClick={() => void signOut()} leftSection={<Icon name="leave" size={16} />}>
          {t.shell.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
