import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/sign-up',
  load: () => import('./SignUpPage'),
});
