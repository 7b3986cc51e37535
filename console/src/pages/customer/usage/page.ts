import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/usage',
  icon: 'chart',
  label: { zh: '用量', en: 'Usage' },
  group: 'money',
  order: 10,
  load: () => import('./UsagePage'),
});
