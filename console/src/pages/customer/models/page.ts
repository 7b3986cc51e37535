import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/models',
  icon: 'box',
  label: { zh: '模型与价格', en: 'Models and prices' },
  group: 'build',
  order: 20,
  load: () => import('./ModelsPage'),
});
