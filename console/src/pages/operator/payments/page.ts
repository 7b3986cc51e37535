import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/operator/payments',
  icon: 'wallet',
  label: { zh: '收款', en: 'Payments' },
  group: 'finance',
  order: 10,
  load: () => import('./PaymentsPage'),
});
