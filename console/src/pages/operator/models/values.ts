// The form of a model: what its fields hold, and what is sent.
import type { components } from '~/api/schema';
import type { OperatorModel } from '~/api/types';

type ModelChange = components['schemas']['ModelChange'];

export const METERS = ['input', 'cached_input', 'output'] as const;
export const LIMITS = ['rpm', 'tpm', 'concurrency', 'context_tokens', 'max_output_tokens'] as const;

// A type, not an interface: a form's values must have an index.
export type ModelValues = {
  name: string;
  input: string;
  cached_input: string;
  output: string;
  effective_at: string;
  is_enabled: boolean;
  rpm: string;
  tpm: string;
  concurrency: string;
  context_tokens: string;
  max_output_tokens: string;
  fallback: string;
  affinity: 'auto' | 'off';
  modalities: string;
  supports: string;
  shutdown_date: string;
};

export function valuesOf(model: OperatorModel | null): ModelValues {
  const price = (model?.price ?? {}) as Record<string, unknown>;
  const typed = (name: string) => (price[name] === undefined ? '' : String(price[name]));
  return {
    name: model?.name ?? '',
    input: typed('input'),
    cached_input: typed('cached_input'),
    output: typed('output'),
    effective_at: '',
    is_enabled: model?.is_enabled ?? true,
    rpm: text(model?.rpm),
    tpm: text(model?.tpm),
    concurrency: text(model?.concurrency),
    context_tokens: text(model?.context_tokens),
    max_output_tokens: text(model?.max_output_tokens),
    fallback: (model?.fallback ?? []).join(', '),
    affinity: model?.affinity ?? 'auto',
    modalities: (model?.modalities ?? []).join(', '),
    supports: (model?.supports ?? []).join(', '),
    shutdown_date: model?.shutdown_date ?? '',
  };
}

/** What an owner may change beside the price; an empty field says nothing. */
export function settingsOf(values: ModelValues): ModelChange {
  const limits = Object.fromEntries(
    LIMITS.map((name) => [name, values[name] === '' ? null : Number(values[name])]),
  );
  return {
    ...limits,
    is_enabled: values.is_enabled,
    fallback: listed(values.fallback),
    affinity: values.affinity,
    modalities: said(values.modalities) as ModelChange['modalities'],
    supports: said(values.supports) as ModelChange['supports'],
    shutdown_date: values.shutdown_date || null,
  };
}

function listed(typed: string): string[] {
  return typed.split(/[\s,，、]+/).filter((word) => word !== '');
}

function said(typed: string): string[] | null {
  const words = listed(typed);
  return words.length > 0 ? words : null;
}

function text(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}
