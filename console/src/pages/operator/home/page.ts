import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/operator',
  asks: '/api/operator/home',
  icon: 'home',
  label: { zh: '总览', en: 'Overview' },
  isInBar: true,
  load: () => import('./HomePage'),
});
