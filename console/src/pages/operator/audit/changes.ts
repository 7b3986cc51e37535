// What an action changed: each field that was there before and is another now.
import type { Action } from '~/api/types';

export interface Change {
  field: string;
  before: unknown;
  after: unknown;
}

/** What says by itself what something is now. */
const VALUES = new Set(['value', 'role', 'new_name']);

type Fields = Record<string, unknown>;

export function changesOf(action: Action): Change[] {
  const { before, asked } = action.details as { before?: unknown; asked?: Fields };
  if (!asked) return [];
  if (!isFields(before)) {
    // Of a command it is known what came, not what was there.
    const [field, after] = Object.entries(asked).find(([name]) => VALUES.has(name)) ?? [];
    return field && !isSame(before, after) ? [{ field, before, after }] : [];
  }
  return fieldsOf(before, asked, '');
}

/** A price is several fields; so is whatever else has names inside. */
function fieldsOf(before: Fields, asked: Fields, prefix: string): Change[] {
  return Object.entries(asked).flatMap(([name, after]) => {
    if (!(name in before)) return [];
    const had = before[name];
    if (isFields(had) && isFields(after)) return fieldsOf(had, after, `${prefix}${name}.`);
    return isSame(had, after) ? [] : [{ field: `${prefix}${name}`, before: had, after }];
  });
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}
