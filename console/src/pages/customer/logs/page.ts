import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/logs',
  icon: 'list',
  label: { zh: '请求记录', en: 'Requests' },
  group: 'build',
  order: 40,
  isInBar: true,
  load: () => import('./LogsPage'),
});
