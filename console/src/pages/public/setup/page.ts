import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/setup',
  load: () => import('./SetupPage'),
});
