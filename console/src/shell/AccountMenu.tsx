// Who is signed in, the way to their account page, and out.
import { useNavigate } from '@tanstack/react-router';
import { api, call } from '~/api/client';
import type { Session } from '~/api/types';
import { useTexts } from '~/i18n';
import { MenuButton, type MenuPart } from '~/ui/MenuButton';
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
  const own = {
    heading: session.user.email,
    entries: [
      { label: t.shell.accountPage, icon: 'cog', run: () => void navigate({ to: '/account' }) },
      { label: t.shell.signOut, icon: 'leave', run: () => void signOut() },
    ],
  } satisfies MenuPart;
  const accounts = {
    heading: t.shell.accounts,
    entries: session.accounts.map(({ id, name }) => ({
      key: id,
      label: name,
      isChosen: id === session.account,
      run: () => chooseAccount(id),
    })),
  };
  return (
    <MenuButton
      isInBar
      icon="person"
      label={t.shell.accountMenu}
      parts={session.accounts.length > 1 ? [accounts, own] : [own]}
    />
  );
}
