import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/invoice',
  icon: 'receipt',
  label: { zh: '月度账单', en: 'Monthly invoice' },
  group: 'money',
  order: 25,
  load: () => import('./InvoicePage'),
});
