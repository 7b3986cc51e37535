// The page Accounts.
import type { Texts } from '../zh';

export const accounts: Texts['accounts'] = {
  title: 'Accounts',
  empty: 'Nothing here yet',
};
