import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/operator/codes',
  icon: 'ticket',
  label: { zh: '兑换码', en: 'Redemption codes' },
  group: 'customers',
  order: 30,
  load: () => import('./CodesPage'),
});
