// A span of days for reports, kept in the address. Days begin at midnight UTC, like the
// server's own, so that a chart, its log and the statement add up to the same sum.
import type { Texts } from '~/i18n';
import type { Filter } from '~/ui/FilterBar';

export const RANGE = { range: 'd30', since: '', until: '' };

export interface Range {
  range: string;
  since: string;
  until: string;
}

const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The filters of a FilterBar: a choice, and two dates when it is "custom". */
export function rangeFilters(t: Texts, range: Range): Filter[] {
  const words = t.shell.ranges;
  const choice: Filter = {
    name: 'range',
    label: words.label,
    options: [
      { value: 'd1', label: words.d1 },
      { value: 'd7', label: words.d7 },
      { value: 'd30', label: words.d30 },
      { value: 'd90', label: words.d90 },
      { value: 'month', label: words.month },
      { value: 'last_month', label: words.lastMonth },
      { value: 'custom', label: words.custom },
    ],
  };
  if (range.range !== 'custom') return [choice];
  return [
    choice,
    { name: 'since', label: words.since, type: 'date' },
    { name: 'until', label: words.until, type: 'date' },
  ];
}

/** The span as the API wants it: `since` included, `until` excluded; open ends are absent. */
export function rangeQuery(range: Range, now = new Date()): Record<string, string> {
  const today = startOfDay(now);
  const year = now.getUTCFullYear();
  const month = now.getUTCMonth();
  const fixed: Record<string, { since: number; until?: number }> = {
    d1: { since: today },
    d7: { since: today - 6 * DAY_MS },
    d30: { since: today - 29 * DAY_MS },
    d90: { since: today - 89 * DAY_MS },
    month: { since: Date.UTC(year, month, 1) },
    last_month: { since: Date.UTC(year, month - 1, 1), until: Date.UTC(year, month, 1) },
  };
  const chosen = fixed[range.range];
  if (chosen) return texts(chosen.since, chosen.until);
  const since = DAY.test(range.since) ? Date.parse(range.since) : undefined;
  const until = DAY.test(range.until) ? Date.parse(range.until) + DAY_MS : undefined;
  return texts(since, until);
}

/** Every day of the span, oldest first, at most a year of them. */
export function daysOf(query: Record<string, string>, now = new Date()): string[] {
  const last = query.until ? Date.parse(query.until) - 1 : now.getTime();
  const first = Math.max(
    query.since ? Date.parse(query.since) : last - 29 * DAY_MS,
    last - 365 * DAY_MS,
  );
  const days: string[] = [];
  for (let at = startOfDay(new Date(first)); at <= last; at += DAY_MS) days.push(dayOf(at));
  return days;
}

function startOfDay(at: Date): number {
  return Math.floor(at.getTime() / DAY_MS) * DAY_MS;
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function texts(since: number | undefined, until: number | undefined): Record<string, string> {
  const query: Record<string, string> = {};
  if (since !== undefined && Number.isFinite(since)) query.since = iso(since);
  if (until !== undefined && Number.isFinite(until)) query.until = iso(until);
  return query;
}

function iso(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
