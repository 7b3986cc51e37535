// Account and security: everything about oneself, and who else may use the account.
import { useTexts } from '~/i18n';
import { PageFrame } from '~/ui/PageFrame';
import { MembersPanel } from './MembersPanel';
import { PasswordPanel } from './PasswordPanel';
import { PreferencesPanel } from './PreferencesPanel';
import { SessionsPanel } from './SessionsPanel';
import { TotpPanel } from './TotpPanel';
import { useSession } from '~/app/site';

export default function AccountPage() {
  const t = useTexts();
  const { user, accounts } = useSession();
  return (
    <PageFrame title={t.account.title} intro={user.email}>
      <PreferencesPanel />
      <PasswordPanel />
      <TotpPanel />
      <SessionsPanel />
      {accounts.length > 0 && <MembersPanel />}
    </PageFrame>
  );
}
