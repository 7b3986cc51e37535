// The page Overview.
import type { Texts } from '../zh';

export const overview: Texts['overview'] = {
  title: 'Overview',
  empty: 'Nothing here yet',
};
