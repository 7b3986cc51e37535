// The page Models and prices.
import type { Texts } from '../zh';

export const models: Texts['models'] = {
  title: 'Models and prices',
  empty: 'Nothing here yet',
};
