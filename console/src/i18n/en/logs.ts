// The page Request log.
import type { Texts } from '../zh';

export const logs: Texts['logs'] = {
  title: 'Request log',
  empty: 'Nothing here yet',
};
