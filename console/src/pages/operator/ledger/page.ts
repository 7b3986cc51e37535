import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/operator/ledger',
  icon: 'book',
  label: { zh: '总账', en: 'Ledger' },
  group: 'finance',
  order: 10,
  load: () => import('./LedgerPage'),
});
