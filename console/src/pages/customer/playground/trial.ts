// What is tried, as the API takes it, and what it may cost at most.
import type { OfferedPrice } from '~/api/types';

export interface Trial {
  mode: 'chat' | 'completions';
  model: string;
  /** A second model that answers beside the first; empty for none. */
  rival: string;
  system: string;
  prompt: string;
  /** Addresses of `data:` with the pictures that go with the prompt. */
  pictures: string[];
  /** Numbers as typed; empty leaves the choice to the server. */
  maxTokens: string;
  temperature: string;
  topP: string;
  isStreamed: boolean;
}

/** What was said before: a prompt with its pictures, and the answer. */
export interface Said {
  prompt: string;
  pictures: string[];
  answer: string;
}

export function pathOf(trial: Trial): string {
  return trial.mode === 'chat' ? '/chat/completions' : '/completions';
}

export function bodyOf(trial: Trial, model: string, before: Said[] = []): Record<string, unknown> {
  const body: Record<string, unknown> = { model };
  if (trial.mode === 'chat') {
    const system = trial.system.trim() === '' ? [] : [{ role: 'system', content: trial.system }];
    const said = before.flatMap((turn) => [
      { role: 'user', content: contentOf(turn.prompt, turn.pictures) },
      { role: 'assistant', content: turn.answer },
    ]);
    const asked = { role: 'user', content: contentOf(trial.prompt, trial.pictures) };
    body.messages = [...system, ...said, asked];
  } else {
    body.prompt = trial.prompt;
  }
  const maxTokens = Number(trial.maxTokens);
  if (trial.maxTokens.trim() !== '' && Number.isInteger(maxTokens)) body.max_tokens = maxTokens;
  for (const [name, typed] of [
    ['temperature', trial.temperature],
    ['top_p', trial.topP],
  ] as const) {
    if (typed.trim() !== '' && Number.isFinite(Number(typed))) body[name] = Number(typed);
  }
  if (trial.isStreamed) {
    body.stream = true;
    body.stream_options = { include_usage: true };
  }
  return body;
}

function contentOf(prompt: string, pictures: string[]): unknown {
  if (pictures.length === 0) return prompt;
  const shown = pictures.map((url) => ({ type: 'image_url', image_url: { url } }));
  return [{ type: 'text', text: prompt }, ...shown];
}

const ELLIPSIS_FROM = 60;

/** A trial for a code sample: pictures are cut, since nobody reads a thousand lines of base64. */
export function shortened(pictures: string[]): string[] {
  return pictures.map((url) =>
    url.length > ELLIPSIS_FROM ? `${url.slice(0, ELLIPSIS_FROM)}…` : url,
  );
}

const NO_CHAT = /embed|rerank|moderation|whisper|tts|dall-e|transcri/i;

/** Models that chat first, each half in its own order; nothing but the name tells. */
export function chatFirst<Named extends { name: string }>(models: Named[]): Named[] {
  const isOther = ({ name }: Named) => NO_CHAT.test(name);
  return [...models.filter((model) => !isOther(model)), ...models.filter(isOther)];
}

const LETTERS_PER_TOKEN = 4;
const USUAL_OUTPUT = 500;
const LEGACY_OUTPUT = 16;
const PICTURE_TOKENS = 1_000;

export interface Estimate {
  inputTokens: number;
  outputTokens: number;
  micros: bigint;
}

/**
 * About what the next turn will cost: the input guessed from the letters and pictures of the
 * whole conversation, the output its maximum.
 */
export function estimateOf(
  trial: Trial,
  price: OfferedPrice,
  outputMax: number | null,
  before: Said[] = [],
): Estimate {
  const said = before.map((turn) => turn.prompt + turn.answer).join('');
  const text = trial.mode === 'chat' ? trial.system + said + trial.prompt : trial.prompt;
  const pictures = [trial, ...before].flatMap((turn) => turn.pictures).length;
  const wide = [...text].filter((letter) => letter > '\u2e7f').length;
  const letters = wide + Math.ceil(([...text].length - wide) / LETTERS_PER_TOKEN);
  const inputTokens = Math.max(1, letters + pictures * PICTURE_TOKENS);
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
