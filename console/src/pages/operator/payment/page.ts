import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/operator/payments/$order',
  load: () => import('./PaymentPage'),
});
