import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/reset',
  load: () => import('./ResetPage'),
});
