import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/operator/accounts',
  icon: 'people',
  label: { zh: '账户', en: 'Accounts' },
  group: 'customers',
  order: 10,
  isInBar: true,
  load: () => import('./AccountsPage'),
});
