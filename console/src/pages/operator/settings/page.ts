import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/operator/settings',
  icon: 'cog',
  label: { zh: '设置', en: 'Settings' },
  group: 'site',
  order: 10,
  load: () => import('./SettingsPage'),
});
