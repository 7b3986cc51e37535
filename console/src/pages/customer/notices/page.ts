import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/notices',
  icon: 'bell',
  label: { zh: '通知', en: 'Notifications' },
  group: 'account',
  order: 20,
  load: () => import('./NoticesPage'),
});
