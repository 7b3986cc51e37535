import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/orders/$order',
  load: () => import('./OrderPage'),
});
