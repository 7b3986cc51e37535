// Bars by day, stacked by series, in plain SVG. Each bar names its figures
// on hover, and the legend sums up each series in text.
import { Group, Text } from '@mantine/core';

export interface Bar {
  label: string;
  parts: { key: string; value: number }[];
}

const WIDTH = 720;
const HEIGHT = 180;
const SERIES_MAX = 5;

export function seriesColor(index: number): string {
  return `var(--y-chart-${Math.min(index, SERIES_MAX)})`;
}

export function StackedBars(props: { bars: Bar[]; label: string; format: (value: number) => string }) {
  const totals = new Map<string, number>();
  for (const bar of props.bars) {
    for (const part of bar.parts) totals.set(part.key, (totals.get(part.key) ?? 0) + part.value);
  }
  const series = [...totals].sort((a, b) => b[1] - a[1]).map(([key]) => key);
  const highest = Math.max(1, ...props.bars.map(sum));
  const step = WIDTH / Math.max(1, props.bars.length);
  return (
    <figure style={{ margin: 0 }}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width="100%" height={HEIGHT} preserveAspectRatio="none" role="img" aria-label={props.label}>
        {props.bars.map((bar, index) => {
          let top = HEIGHT;
          return (
            <g key={bar.label}>
              <title>{`${bar.label}: ${props.format(sum(bar))}`}</title>
              <rect x={index * step} y={0} width={step} height={HEIGHT} fill="transparent" />
              {series.map((key, place) => {
                const value = bar.parts.filter((part) => part.key === key).reduce((all, part) => all + part.value, 0);
                const height = (value / highest) * (HEIGHT - 8);
                top -= height;
                return height > 0 ? (
                  <rect key={key} x={index * step + step * 0.15} width={step * 0.7} y={top} height={height} fill={seriesColor(place)} />
                ) : null;
              })}
            </g>
          );
        })}
      </svg>
      <Group justify="space-between" pt={4} style={{ borderTop: '1px solid var(--y-line)' }}>
        <Text size="xs" c="dimmed">{props.bars[0]?.label}</Text>
        <Text size="xs" c="dimmed">{props.bars.at(-1)?.label}</Text>
      </Group>
      <Group component="figcaption" gap="md" mt={4}>
        {series.slice(0, SERIES_MAX + 1).map((key, place) => (
          <Group key={key} gap={6}>
            <svg width="10" height="10" aria-hidden="true"><rect width="10" height="10" rx="2" fill={seriesColor(place)} /></svg>
            <Text size="sm">{key} · {props.format(totals.get(key) ?? 0)}</Text>
          </Group>
        ))}
      </Group>
    </figure>
  );
}

function sum(bar: Bar): number {
  return bar.parts.reduce((all, part) => all + part.value, 0);
}
