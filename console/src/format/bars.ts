// Rows of day, series and value as bars: a bar for each day, the small series together.
import type { Bar } from '~/ui/chart/StackedBars';

const SERIES_SHOWN = 5;

export function barsOf(
  days: string[],
  rows: { day: string; key: string; value: number }[],
  otherLabel: string,
): Bar[] {
  const totals = new Map<string, number>();
  for (const row of rows) totals.set(row.key, (totals.get(row.key) ?? 0) + row.value);
  const ranked = [...totals].sort((a, b) => b[1] - a[1]).map(([key]) => key);
  const shown = new Set(ranked.length > SERIES_SHOWN + 1 ? ranked.slice(0, SERIES_SHOWN) : ranked);
  const byDay = new Map(days.map((day) => [day, new Map<string, number>()]));
  for (const row of rows) {
    const parts = byDay.get(row.day);
    const key = shown.has(row.key) ? row.key : otherLabel;
    parts?.set(key, (parts.get(key) ?? 0) + row.value);
  }
  return days.map((day) => ({
    label: day,
    parts: [...(byDay.get(day) ?? [])].map(([key, value]) => ({ key, value })),
  }));
}
