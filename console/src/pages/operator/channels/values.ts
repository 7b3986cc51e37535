// The form of a channel: what its fields hold, and what is sent.
import type { ChannelView } from '~/api/types';
import { linesOf, readLines } from './modelLines';

/** What a new channel begins with. */
const OPENAI = 'https://api.openai.com/v1';

// A type, not an interface: a form's values must have an index.
export type ChannelValues = {
  name: string;
  provider: string;
  base_url: string;
  api_keys: string;
  keys_expire: string;
  models: string;
  priority: string;
  weight: string;
  allow_private: boolean;
  timeout: string;
  proxy: string;
  headers: string;
  stream_usage: boolean;
  on_disconnect: 'cancel' | 'drain';
  native: string;
  costs: string;
};

export function valuesOf(channel: ChannelView | null): ChannelValues {
  return {
    name: channel?.name ?? '',
    provider: channel?.provider ?? 'openai',
    base_url: channel?.base_url ?? OPENAI,
    api_keys: '',
    keys_expire: '',
    models: linesOf(channel),
    priority: String(channel?.priority ?? 0),
    weight: String(channel?.weight ?? 1),
    allow_private: channel?.allow_private ?? false,
    timeout: String(channel?.timeout_seconds ?? 600),
    proxy: '',
    headers: '',
    stream_usage: channel?.stream_usage ?? true,
    on_disconnect: channel?.on_disconnect ?? 'cancel',
    native: (channel?.models ?? [])
      .filter((model) => model.native_completions)
      .map(({ model }) => model)
      .join(' '),
    costs: (channel?.models ?? [])
      .filter(({ cost }) => cost)
      .map(({ model, cost }) => `${model} = ${cost?.input} / ${cost?.output}`)
      .join('\n'),
  };
}

/** The keys in a field: words apart, or the one JSON of a service account on one line. */
export function readKeys(text: string): string[] {
  if (!text.trim().startsWith('{')) return text.split(/\s+/).filter((key) => key !== '');
  try {
    return [JSON.stringify(JSON.parse(text))];
  } catch {
    return [text.trim()];
  }
}

export const keysOf = (values: ChannelValues): string[] => readKeys(values.api_keys);

const COST_LINE = /^\s*(.+?)\s*=\s*([\d.]+)\s*\/\s*([\d.]+)\s*$/;

/** Lines `gpt-4 = 25 / 50` as costs by model; null where a line is none. */
export function readCosts(text: string): Map<string, { input: string; output: string }> | null {
  const found = new Map<string, { input: string; output: string }>();
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const match = COST_LINE.exec(line);
    if (!match?.[1] || !match[2] || !match[3]) return null;
    found.set(match[1], { input: match[2], output: match[3] });
  }
  return found;
}

/** What the API takes; a cost that has more than input and output stays as it is. */
export function bodyOf(values: ChannelValues, before: ChannelView | null) {
  const costs = readCosts(values.costs) ?? new Map();
  const native = new Set(values.native.split(/[\s,]+/));
  const keys = keysOf(values);
  return {
    provider: values.provider,
    base_url: values.base_url.trim(),
    models: readLines(values.models).map((link) => {
      const had = before?.models.find((model) => model.model === link.model)?.cost;
      const cost = costs.get(link.model);
      return {
        ...link,
        native_completions: native.has(link.model),
        cost: cost ? { ...had, ...cost } : null,
      };
    }),
    priority: Number(values.priority),
    weight: Number(values.weight),
    allow_private: values.allow_private,
    timeout_seconds: Number(values.timeout),
    stream_usage: values.stream_usage,
    on_disconnect: values.on_disconnect,
    ...(values.proxy === '' ? {} : { proxy: values.proxy.trim() }),
    ...(values.headers.trim() === '' ? {} : { headers: readHeaders(values.headers) }),
    ...(keys.length > 0 ? { api_keys: withExpiry(keys, values.keys_expire) } : {}),
  };
}

function withExpiry(keys: string[], expires: string) {
  return expires === '' ? keys : keys.map((key) => ({ key, expires_at: expires }));
}

function readHeaders(text: string): Record<string, string> {
  const lines = text.split('\n').map((line) => line.split(':'));
  return Object.fromEntries(
    lines
      .filter(([name, value]) => name && value !== undefined)
      .map(([name = '', ...value]) => [name.trim(), value.join(':').trim()]),
  );
}
