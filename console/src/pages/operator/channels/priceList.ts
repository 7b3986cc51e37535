// Prices for many models at once: from a spreadsheet's lines, or from a list that the operator
// has (LiteLLM's or models.dev's JSON, in US dollars), times a rate and a markup.

export interface ModelPrice {
  input: string;
  output: string;
  cached_input: string;
}

export type PriceList = Map<string, ModelPrice>;

const DECIMALS = 6;
const PRICE = /^\d{1,12}(\.\d{1,6})?$/;

export function isPrice(text: string): boolean {
  return PRICE.test(text);
}

/** Lines of name, input, output and perhaps cached input, between tabs, commas or spaces. */
export function readSheet(text: string): PriceList {
  const found: PriceList = new Map();
  for (const line of text.split('\n')) {
    const [name = '', input = '', output = '', cached = ''] = line.trim().split(/[\t,;，\s]+/);
    if (name !== '' && isPrice(input) && isPrice(output))
      found.set(name, { input, output, cached_input: isPrice(cached) ? cached : '' });
  }
  return found;
}

interface LiteLlmModel {
  input_cost_per_token?: number;
  output_cost_per_token?: number;
  cache_read_input_token_cost?: number;
}

interface ModelsDevProvider {
  models?: Record<string, { cost?: { input?: number; output?: number; cache_read?: number } }>;
}

const PER_MILLION = 1_000_000;

/** Either of the two lists, told apart by their shape; null for anything else. */
export function readPriceFile(text: string, factor: number): PriceList | null {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof document !== 'object' || document === null) return null;
  const found: PriceList = new Map();
  const add = (name: string, input?: number, output?: number, cached?: number) => {
    if (input === undefined || output === undefined) return;
    const price = {
      input: decimal(input * factor),
      output: decimal(output * factor),
      cached_input: cached === undefined ? '' : decimal(cached * factor),
    };
    found.set(name, price);
    const short = name.slice(name.lastIndexOf('/') + 1);
    if (!found.has(short)) found.set(short, price);
  };
  for (const [name, value] of Object.entries(document as Record<string, unknown>)) {
    const provider = value as ModelsDevProvider & LiteLlmModel;
    for (const [model, { cost }] of Object.entries(provider?.models ?? {}))
      add(model, cost?.input, cost?.output, cost?.cache_read);
    const perToken = (cost?: number) => (cost === undefined ? undefined : cost * PER_MILLION);
    add(
      name,
      perToken(provider?.input_cost_per_token),
      perToken(provider?.output_cost_per_token),
      perToken(provider?.cache_read_input_token_cost),
    );
  }
  return found.size > 0 ? found : null;
}

function decimal(value: number): string {
  return value.toFixed(DECIMALS).replace(/\.?0+$/, '');
}
