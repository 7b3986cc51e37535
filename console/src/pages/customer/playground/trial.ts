// What is tried, as the API takes it, and what it may cost at most.
import type { OfferedPrice } from '~/api/types';

export interface Trial {
  mode: 'chat' | 'completions';
  model: string;
  system: string;
  prompt: string;
  /** Numbers as typed; empty leaves the choice to the server. */
  maxTokens: string;
  temperature: string;
  isStreamed: boolean;
}

export function pathOf(trial: Trial): string {
  return trial.mode === 'chat' ? '/chat/completions' : '/completions';
}

export function bodyOf(trial: Trial): Record<string, unknown> {
  const body: Record<string, unknown> = { model: trial.model };
  if (trial.mode === 'chat') {
    const system = trial.system.trim() === '' ? [] : [{ role: 'system', content: trial.system }];
    body.messages = [...system, { role: 'user', content: trial.prompt }];
  } else {
    body.prompt = trial.prompt;
  }
  const maxTokens = Number(trial.maxTokens);
  if (trial.maxTokens.trim() !== '' && Number.isInteger(maxTokens)) body.max_tokens = maxTokens;
  const temperature = Number(trial.temperature);
  if (trial.temperature.trim() !== '' && Number.isFinite(temperature))
    body.temperature = temperature;
  if (trial.isStreamed) {
    body.stream = true;
    body.stream_options = { include_usage: true };
  }
  return body;
}

const LETTERS_PER_TOKEN = 4;
const USUAL_OUTPUT = 500;
const LEGACY_OUTPUT = 16;

export interface Estimate {
  inputTokens: number;
  outputTokens: number;
  micros: bigint;
}

/** About what the trial will cost: the input guessed from its letters, the output its maximum. */
export function estimateOf(trial: Trial, price: OfferedPrice, outputMax: number | null): Estimate {
  const text = trial.mode === 'chat' ? trial.system + trial.prompt : trial.prompt;
  const wide = [...text].filter((letter) => letter > '\u2e7f').length;
  const inputTokens = Math.max(1, wide + Math.ceil(([...text].length - wide) / LETTERS_PER_TOKEN));
  const asked = Number(trial.maxTokens);
  const byDefault =
    trial.mode === 'completions'
      ? LEGACY_OUTPUT
      : Math.min(outputMax ?? USUAL_OUTPUT, USUAL_OUTPUT);
  const outputTokens = trial.maxTokens.trim() !== '' && asked > 0 ? Math.floor(asked) : byDefault;
  const factor = millionths(price.factor);
  const perToken =
    BigInt(inputTokens) * millionths(price.input) + BigInt(outputTokens) * millionths(price.output);
  const perRequest = millionths(price.request);
  const exact = (perToken + perRequest) * factor;
  return {
    inputTokens,
    outputTokens,
    micros: (exact + MILLION * MILLION - 1n) / (MILLION * MILLION),
  };
}

const MILLION = 1_000_000n;

/** `"0.5"` as 500,000: prices and factors have at most six decimals. */
function millionths(decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.split('.');
  return BigInt(whole || '0') * MILLION + BigInt(fraction.padEnd(6, '0').slice(0, 6) || '0');
}
