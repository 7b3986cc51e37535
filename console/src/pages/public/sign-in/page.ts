import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/sign-in',
  load: () => import('./SignInPage'),
});
