import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/join',
  load: () => import('./JoinPage'),
});
