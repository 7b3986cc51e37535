import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/operator/channels',
  icon: 'plug',
  label: { zh: '渠道', en: 'Channels' },
  group: 'supply',
  order: 10,
  isInBar: true,
  load: () => import('./ChannelsPage'),
});
