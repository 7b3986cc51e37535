// The page Top up.
import type { Texts } from '../zh';

export const topUp: Texts['topUp'] = {
  title: 'Top up',
  empty: 'Nothing here yet',
};
