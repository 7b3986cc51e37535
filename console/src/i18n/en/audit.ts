// The page Audit log.
import type { Texts } from '../zh';

export const audit: Texts['audit'] = {
  title: 'Audit log',
  empty: 'Nothing here yet',
};
