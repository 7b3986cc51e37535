import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/',
  icon: 'home',
  label: { zh: '总览', en: 'Overview' },
  isInBar: true,
  load: () => import('./OverviewPage'),
});
