// The form of a token: what its fields hold, what they may hold, and what is sent.
import type { ApiToken, Budget, NewToken, TokenChange } from '~/api/types';
import { microsOf, typed } from '~/format/format';
import type { Words } from '~/i18n';
import type { words } from './words';

type BudgetChange = NonNullable<NewToken['budgets']>[number];

export interface BudgetValues {
  key: string;
  period: Budget['period'];
  model: string;
  limit: string;
}

// A type, not an interface: a form's values must have an index.
export type TokenValues = {
  name: string;
  models: string[];
  /** Addresses and networks, between commas or spaces. */
  allow_ip: string;
  rpm: string;
  expires: string;
  clamp_explicit: boolean;
  budgets: BudgetValues[];
};

const RPM_MAX_DIGITS = 7;

export function newBudget(): BudgetValues {
  return {
    key: crypto.getRandomValues(new Uint32Array(2)).join('-'),
    period: 'month',
    model: '',
    limit: '',
  };
}

export function valuesOf(token: ApiToken | null): TokenValues {
  return {
    name: token?.name ?? '',
    models: token?.models ?? [],
    allow_ip: (token?.allow_ip ?? []).join(', '),
    rpm: token?.rpm == null ? '' : String(token.rpm),
    expires: token?.expires ? localTime(token.expires) : '',
    clamp_explicit: token?.clamp_explicit ?? false,
    budgets: (token?.budgets ?? []).flatMap((budget) =>
      budget.limit === null
        ? []
        : [
            {
              key: budget.id,
              period: budget.period,
              model: budget.model ?? '',
              limit: typed(budget.limit),
            },
          ],
    ),
  };
}

export function checksOf(t: Words<typeof words>, token: ApiToken | null) {
  return {
    name: (value: string) => (value.trim() === '' ? t.shell.required : null),
    rpm: (value: string) => (value === '' || isCount(value) ? null : t.notACount),
    expires: (value: string) =>
      value === '' || isSameEnd(value, token) || Date.parse(value) > Date.now()
        ? null
        : t.notInFuture,
    budgets: {
      limit: (value: string) => {
        const micros = microsOf(value);
        return micros !== null && micros > 0 ? null : t.shell.notAnAmount;
      },
    },
  };
}

/** What is sent to change a token: without its end where that stays, which may be past. */
export function changesOf(values: TokenValues, token: ApiToken): TokenChange {
  const { expires, ...rest } = bodyOf(values, token);
  return isSameEnd(values.expires, token) ? rest : { ...rest, expires };
}

/** What is sent; a budget of `token` that the form has no more is lifted. */
export function bodyOf(values: TokenValues, token: ApiToken | null): NewToken {
  const addresses = values.allow_ip.split(/[\s,，]+/).filter((one) => one !== '');
  return {
    name: values.name.trim(),
    models: values.models.length > 0 ? values.models : null,
    allow_ip: addresses.length > 0 ? addresses : null,
    rpm: values.rpm === '' ? null : Number(values.rpm),
    expires: values.expires === '' ? null : new Date(values.expires).toISOString(),
    clamp_explicit: values.clamp_explicit,
    budgets: [
      ...lifted(values, token),
      ...values.budgets.map((budget) => ({
        period: budget.period,
        model: budget.model || null,
        limit: microsOf(budget.limit),
      })),
    ],
  };
}

function isSameEnd(value: string, token: ApiToken | null): boolean {
  return value === (token?.expires ? localTime(token.expires) : '');
}

function lifted(values: TokenValues, token: ApiToken | null): BudgetChange[] {
  const kept = new Set(values.budgets.map((budget) => `${budget.period} ${budget.model}`));
  return (token?.budgets ?? [])
    .filter(
      (budget) => budget.limit !== null && !kept.has(`${budget.period} ${budget.model ?? ''}`),
    )
    .map(({ period, model }) => ({ period, model, limit: null }));
}

function isCount(text: string): boolean {
  return /^[1-9]\d*$/.test(text.trim()) && text.trim().length <= RPM_MAX_DIGITS;
}

/** As `datetime-local` wants it: the browser's zone, to the minute. */
function localTime(iso: string): string {
  const at = new Date(iso);
  const shifted = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}
