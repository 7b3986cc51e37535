import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/operator/audit',
  icon: 'shield',
  label: { zh: '审计日志', en: 'Audit log' },
  group: 'site',
  order: 20,
  load: () => import('./AuditPage'),
});
