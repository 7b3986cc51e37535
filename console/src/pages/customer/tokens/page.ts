import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/tokens',
  icon: 'key',
  label: { zh: '词元密钥', en: 'API tokens' },
  group: 'build',
  order: 10,
  isInBar: true,
  load: () => import('./TokensPage'),
});
