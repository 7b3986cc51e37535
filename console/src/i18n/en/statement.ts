// The page Statement.
import type { Texts } from '../zh';

export const statement: Texts['statement'] = {
  title: 'Statement',
  empty: 'Nothing here yet',
};
