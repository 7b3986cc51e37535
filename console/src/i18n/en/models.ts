// Models and prices.
import type { Texts } from '../zh';

export const models: Texts['models'] = {
  title: 'Models and prices',
  intro: 'Prices are per million tokens, which is the same number in 词元 per token. Limits are those of your tier now.',
  search: 'Search models',
  emptyTitle: 'No models on offer yet',
  emptyText: 'They appear here when the operator adds them.',
  model: 'Model',
  copyName: (name) => `Copy the name ${name}`,
  unavailable: 'Not available',
  input: 'Input',
  cached: 'Cached input',
  output: 'Output',
  written: 'Cache write',
  perRequest: 'Per request',
  rpm: 'Requests / min',
  tpm: 'Tokens / min',
  concurrency: 'At once',
  unlimited: 'No limit',
  context: 'Context tokens',
  longest: 'Longest output',
  steps: 'Long inputs differ',
  hours: 'Differs by the hour',
  tryIt: 'Try it',
  tryModel: (name) => `Try it: ${name}`,
};
