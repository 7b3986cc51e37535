import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/statement',
  icon: 'receipt',
  label: { zh: '账单', en: 'Statement' },
  group: 'money',
  order: 20,
  load: () => import('./StatementPage'),
});
