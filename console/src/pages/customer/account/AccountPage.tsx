// Account and security: everything about oneself, and who else may use the account.
import { useWords } from '~/i18n';
import { useLacksConsent } from '~/shell/consent';
import { useSession } from '~/shell/site';
import { PageFrame } from '~/ui/PageFrame';
import { AccountsPanel } from './AccountsPanel';
import { EmailPanel } from './EmailPanel';
import { IdentitiesPanel } from './IdentitiesPanel';
import { MembersPanel } from './MembersPanel';
import { PasskeysPanel } from './PasskeysPanel';
import { PasswordPanel } from './PasswordPanel';
import { PreferencesPanel } from './PreferencesPanel';
import { PrivacyPanel } from './PrivacyPanel';
import { SessionsPanel } from './SessionsPanel';
import { TotpPanel } from './TotpPanel';
import { words } from './words';

export default function AccountPage() {
  const t = useWords(words);
  const { user, accounts } = useSession();
  if (useLacksConsent()) {
    return (
      <PageFrame title={t.title} intro={user.email}>
        <SessionsPanel />
        <PrivacyPanel />
      </PageFrame>
    );
  }
  return (
    <PageFrame title={t.title} intro={user.email}>
      <PreferencesPanel />
      <EmailPanel />
      <PasswordPanel />
      <TotpPanel />
      <PasskeysPanel />
      <IdentitiesPanel />
      <SessionsPanel />
      <AccountsPanel />
      {accounts.length > 0 && <MembersPanel />}
      <PrivacyPanel />
    </PageFrame>
  );
}
