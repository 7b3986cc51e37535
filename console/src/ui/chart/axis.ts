// Ticks of a chart: round values upwards, dates spread evenly.

/** The smallest of 1, 2, 2.5, 5 × 10ⁿ, times `steps`, that is not below `highest`. */
export function topOf(highest: number, steps: number): number {
  if (highest <= 0) return steps;
  const size = 10 ** Math.floor(Math.log10(highest / steps));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * size).find((n) => n * steps >= highest);
  return (step ?? 10 * size) * steps;
}

/** At most `most` places of `count`, the first and the last among them. */
export function spread(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, index) => index);
  const places = Array.from({ length: most }, (_, n) => Math.round((n * (count - 1)) / (most - 1)));
  return [...new Set(places)];
}
