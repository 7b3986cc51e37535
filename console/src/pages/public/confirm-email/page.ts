import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/confirm-email',
  load: () => import('./ConfirmEmailPage'),
});
