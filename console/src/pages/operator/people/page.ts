import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/operator/people',
  icon: 'person',
  label: { zh: '运营者与管理密钥', en: 'Operators and keys' },
  group: 'site',
  order: 30,
  load: () => import('./PeoplePage'),
});
