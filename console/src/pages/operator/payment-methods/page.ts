import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/operator/payment-methods',
  icon: 'plug',
  label: { zh: '支付方式', en: 'Payment methods' },
  group: 'finance',
  order: 15,
  load: () => import('./PaymentMethodsPage'),
});
