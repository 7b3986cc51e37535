// The page Ledger.
import type { Texts } from '../zh';

export const ledger: Texts['ledger'] = {
  title: 'Ledger',
  empty: 'Nothing here yet',
};
