import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/operator/incidents',
  icon: 'warning',
  label: { zh: '故障通报', en: 'Incidents' },
  group: 'site',
  order: 27,
  load: () => import('./IncidentsPage'),
});
