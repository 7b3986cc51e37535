import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/operator/notices',
  icon: 'bell',
  label: { zh: '通知', en: 'Notifications' },
  group: 'site',
  order: 25,
  load: () => import('./NoticesPage'),
});
