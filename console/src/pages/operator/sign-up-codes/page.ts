import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/operator/sign-up-codes',
  icon: 'ticket',
  label: { zh: '邀请码', en: 'Invitation codes' },
  group: 'customers',
  order: 40,
  load: () => import('./SignUpCodesPage'),
});
