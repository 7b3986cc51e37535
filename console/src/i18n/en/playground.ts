// The page Playground.
import type { Texts } from '../zh';

export const playground: Texts['playground'] = {
  title: 'Playground',
  empty: 'Nothing here yet',
};
