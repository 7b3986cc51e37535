import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/operator/requests',
  icon: 'list',
  label: { zh: '请求', en: 'Requests' },
  group: 'customers',
  order: 20,
  isInBar: true,
  load: () => import('./RequestsPage'),
});
