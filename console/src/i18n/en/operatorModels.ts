// The page Models and pricing.
import type { Texts } from '../zh';

export const operatorModels: Texts['operatorModels'] = {
  title: 'Models and pricing',
  empty: 'Nothing here yet',
};
