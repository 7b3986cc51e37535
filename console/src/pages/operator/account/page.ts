import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/operator/accounts/$account',
  load: () => import('./AccountPage'),
});
