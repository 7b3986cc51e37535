import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/operator/sign-in-services',
  icon: 'shield',
  label: { zh: '登录服务', en: 'Sign-in services' },
  group: 'site',
  order: 20,
  load: () => import('./SignInServicesPage'),
});
