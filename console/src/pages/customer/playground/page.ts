import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/playground',
  icon: 'chat',
  label: { zh: '在线调试', en: 'Playground' },
  group: 'build',
  order: 30,
  load: () => import('./PlaygroundPage'),
});
