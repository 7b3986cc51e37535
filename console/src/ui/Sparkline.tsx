// A small line without axes, beside a figure that says what it is about.
const HEIGHT = 28;

export function Sparkline(props: {
  values: number[];
  label: string;
  isAlarm?: boolean;
  widthPx?: number;
}) {
  const width = props.widthPx ?? 120;
  const highest = Math.max(1, ...props.values);
  const step = width / Math.max(1, props.values.length - 1);
  const points = props.values
    .map(
      (value, index) =>
        `${(index * step).toFixed(1)},${(HEIGHT - 2 - (value / highest) * (HEIGHT - 4)).toFixed(1)}`,
    )
    .join(' ');
  return (
    <svg
      viewBox={`0 0 ${width} ${HEIGHT}`}
      width={width}
      height={HEIGHT}
      role="img"
      aria-label={props.label}
    >
      <title>{props.label}</title>
      <polyline
        points={points}
        fill="none"
        stroke={props.isAlarm ? 'var(--mantine-color-red-6)' : 'var(--y-chart-0)'}
        strokeWidth={1.6}
        strokeLinejoin="round"
      />
    </svg>
  );
}
