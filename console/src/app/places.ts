// Every page: its address, its lazy file, its place in the navigation. A page is added here
// with one line, and as a file under pages/.
import type { ComponentType } from 'react';
import type { Role } from '~/api/types';
import type { Texts } from '~/i18n';
import type { IconName } from '~/ui/Icon';

export type Section = 'customer' | 'operator' | 'public';

export interface Place {
  path: string;
  section: Section;
  load: () => Promise<{ default: ComponentType }>;
  /** Its words in the navigation; without them it is not listed. */
  label?: (t: Texts) => string;
  icon?: IconName;
  /** Operators' roles that see it; all of them when left out. */
  roles?: Role[];
}

export const PLACES: Place[] = [
  { path: '/', section: 'customer', icon: 'home', label: (t) => t.shell.nav.overview, load: () => import('~/pages/overview/OverviewPage') },
  { path: '/tokens', section: 'customer', icon: 'key', label: (t) => t.shell.nav.tokens, load: () => import('~/pages/tokens/TokensPage') },
  { path: '/usage', section: 'customer', icon: 'chart', label: (t) => t.shell.nav.usage, load: () => import('~/pages/usage/UsagePage') },
  { path: '/logs', section: 'customer', icon: 'list', label: (t) => t.shell.nav.logs, load: () => import('~/pages/logs/LogsPage') },
  { path: '/statement', section: 'customer', icon: 'receipt', label: (t) => t.shell.nav.statement, load: () => import('~/pages/statement/StatementPage') },
  { path: '/top-up', section: 'customer', icon: 'wallet', label: (t) => t.shell.nav.topUp, load: () => import('~/pages/top-up/TopUpPage') },
  { path: '/models', section: 'customer', icon: 'box', label: (t) => t.shell.nav.models, load: () => import('~/pages/models/ModelsPage') },
  { path: '/playground', section: 'customer', icon: 'chat', label: (t) => t.shell.nav.playground, load: () => import('~/pages/playground/PlaygroundPage') },
  { path: '/account', section: 'customer', icon: 'person', label: (t) => t.shell.nav.account, load: () => import('~/pages/account/AccountPage') },

  { path: '/operator', section: 'operator', icon: 'home', label: (t) => t.shell.nav.operatorHome, load: () => import('~/pages/operator-home/HomePage') },
  { path: '/operator/accounts', section: 'operator', icon: 'people', label: (t) => t.shell.nav.accounts, load: () => import('~/pages/accounts/AccountsPage') },
  { path: '/operator/accounts/$account', section: 'operator', load: () => import('~/pages/accounts/AccountDetailPage') },
  { path: '/operator/channels', section: 'operator', icon: 'plug', label: (t) => t.shell.nav.channels, load: () => import('~/pages/channels/ChannelsPage') },
  { path: '/operator/models', section: 'operator', icon: 'box', label: (t) => t.shell.nav.modelsAndPrices, load: () => import('~/pages/operator-models/ModelsPage') },
  { path: '/operator/tiers', section: 'operator', icon: 'gauge', label: (t) => t.shell.nav.tiers, load: () => import('~/pages/tiers/TiersPage') },
  { path: '/operator/codes', section: 'operator', icon: 'ticket', label: (t) => t.shell.nav.codes, load: () => import('~/pages/codes/CodesPage') },
  { path: '/operator/ledger', section: 'operator', icon: 'book', label: (t) => t.shell.nav.ledger, load: () => import('~/pages/ledger/LedgerPage') },
  { path: '/operator/audit', section: 'operator', icon: 'shield', label: (t) => t.shell.nav.audit, load: () => import('~/pages/audit/AuditPage') },
  { path: '/operator/settings', section: 'operator', icon: 'cog', label: (t) => t.shell.nav.settings, load: () => import('~/pages/settings/SettingsPage') },
  { path: '/operator/people', section: 'operator', icon: 'person', label: (t) => t.shell.nav.people, load: () => import('~/pages/people/PeoplePage') },

  { path: '/sign-in', section: 'public', load: () => import('~/pages/sign-in/SignInPage') },
  { path: '/sign-up', section: 'public', load: () => import('~/pages/sign-up/SignUpPage') },
  { path: '/setup', section: 'public', load: () => import('~/pages/setup/SetupPage') },
  { path: '/join', section: 'public', load: () => import('~/pages/join/JoinPage') },
];
