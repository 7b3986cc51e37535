import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/top-up',
  icon: 'wallet',
  label: { zh: '充值', en: 'Top up' },
  group: 'money',
  order: 30,
  isInBar: true,
  load: () => import('./TopUpPage'),
});
