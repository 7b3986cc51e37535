// The page Home.
import type { Texts } from '../zh';

export const operatorHome: Texts['operatorHome'] = {
  title: 'Home',
  empty: 'Nothing here yet',
};
