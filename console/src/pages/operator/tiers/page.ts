import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/operator/tiers',
  icon: 'gauge',
  label: { zh: '等级与限额', en: 'Tiers and limits' },
  group: 'supply',
  order: 30,
  load: () => import('./TiersPage'),
});
