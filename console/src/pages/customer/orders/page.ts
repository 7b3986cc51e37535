import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/orders',
  icon: 'receipt',
  label: { zh: '充值订单', en: 'Orders' },
  group: 'money',
  order: 35,
  load: () => import('./OrdersPage'),
});
