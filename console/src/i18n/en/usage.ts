// The page Usage.
import type { Texts } from '../zh';

export const usage: Texts['usage'] = {
  title: 'Usage',
  empty: 'Nothing here yet',
};
