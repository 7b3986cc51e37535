// Tiers and limits.
import type { Texts } from '../zh';

export const tiers: Texts['tiers'] = {
  title: 'Tiers and limits',
  intro: 'Limits grow with the balance. The posted balance decides, what is held included.',
  tiers: 'Tiers',
  empty: 'No tier yet',
  emptyText: 'Without tiers every account has the models’ base limits.',
  row: (n) => `Tier ${n}`,
  minBalance: 'From a balance of',
  rate: 'Limits ×',
  priceFactor: 'Prices ×',
  add: 'Add a tier',
  rule: 'The highest tier that the balance reaches applies; a limit is base × rate, rounded down, at least 1.',
  notAFactor: 'A positive number such as 2 or 0.95',
  simulate: 'Simulate',
  account: 'Account, by name or id',
  model: 'Model',
  ask: 'Which limits apply?',
  requests: 'Requests a minute',
  tokens: 'Tokens a minute',
  concurrency: 'Concurrency',
  unlimited: 'no limit',
  remaining: (left) => `${left} left now`,
};
