// The page Redemption codes.
import type { Texts } from '../zh';

export const codes: Texts['codes'] = {
  title: 'Redemption codes',
  empty: 'Nothing here yet',
};
