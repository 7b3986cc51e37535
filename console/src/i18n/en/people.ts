// The page Operators and management keys.
import type { Texts } from '../zh';

export const people: Texts['people'] = {
  title: 'Operators and management keys',
  empty: 'Nothing here yet',
};
