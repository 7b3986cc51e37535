// The page Tiers and limits.
import type { Texts } from '../zh';

export const tiers: Texts['tiers'] = {
  title: 'Tiers and limits',
  empty: 'Nothing here yet',
};
