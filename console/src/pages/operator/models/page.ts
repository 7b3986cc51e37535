import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/operator/models',
  icon: 'box',
  label: { zh: '模型与定价', en: 'Models and pricing' },
  group: 'supply',
  order: 20,
  load: () => import('./ModelsPage'),
});
