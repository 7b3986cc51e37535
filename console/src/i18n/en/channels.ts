// The page Channels.
import type { Texts } from '../zh';

export const channels: Texts['channels'] = {
  title: 'Channels',
  empty: 'Nothing here yet',
};
