import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/operator/moving',
  icon: 'box',
  label: { zh: '迁入', en: 'Migration' },
  group: 'site',
  order: 60,
  roles: ['owner'],
  load: () => import('./MovingPage'),
});
