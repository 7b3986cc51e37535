import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/account',
  icon: 'person',
  label: { zh: '账户与安全', en: 'Account and security' },
  group: 'account',
  order: 10,
  load: () => import('./AccountPage'),
});
