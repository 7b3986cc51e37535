// The page Settings.
import type { Texts } from '../zh';

export const settings: Texts['settings'] = {
  title: 'Settings',
  empty: 'Nothing here yet',
};
