// The page API tokens.
import type { Texts } from '../zh';

export const tokens: Texts['tokens'] = {
  title: 'API tokens',
  empty: 'Nothing here yet',
};
