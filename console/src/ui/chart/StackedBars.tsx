// Money by day in bars, stacked by series, with axis and dates. Pointing, touching or the arrow keys
// choose a day, whose figures are told; the legend sums up each series in text.
import { Group, Text } from '@mantine/core';
import { type KeyboardEvent, type PointerEvent, useState } from 'react';
import { count, dayText, money, roundedMoney, shortCount } from '~/format/format';
import { useSpeaking } from '~/i18n';
import { useCurrency } from '~/shell/site';
import { spread, topOf } from './axis';
import styles from './StackedBars.module.css';

export interface Bar {
  /** A UTC day, `2026-11-25`. */
  label: string;
  /** In micros. */
  parts: { key: string; value: number }[];
}

export interface StackedBarsProps {
  bars: Bar[];
  label: string;
  /** The series of all that is small: drawn last, in grey. */
  others?: string;
  /** Whether the values are numbers of something instead of money. */
  isCount?: boolean;
}

const STEPS = 3;
const DATES = 5;
const SERIES_MAX = 5;

interface Series {
  key: string;
  total: number;
  color: string;
}

function seriesOf(bars: Bar[], others: string | undefined): Series[] {
  const totals = new Map<string, number>();
  for (const { key, value } of bars.flatMap((bar) => bar.parts))
    totals.set(key, (totals.get(key) ?? 0) + value);
  const rank = ([key, total]: [string, number]) => (key === others ? -1 : total);
  return [...totals]
    .sort((a, b) => rank(b) - rank(a))
    .map(([key, total], place) => ({
      key,
      total,
      color: key === others ? 'var(--y-chart-5)' : `var(--y-chart-${Math.min(place, SERIES_MAX)})`,
    }));
}

export function StackedBars({ bars, label, others, isCount }: StackedBarsProps) {
  const { language } = useSpeaking();
  const currency = useCurrency();
  const format = (value: number) =>
    isCount ? count(Math.round(value)) : roundedMoney(Math.round(value), currency, 2);
  const exactly = (value: number) =>
    isCount ? shortCount(value) : money(Math.round(value), currency);
  const [active, setActive] = useState<number | null>(null);
  const series = seriesOf(bars, others);
  const top = topOf(Math.max(0, ...bars.map(sum)), STEPS);
  const chosen = active === null ? undefined : bars[active];
  const ticks = Array.from({ length: STEPS + 1 }, (_, n) => (top * (STEPS - n)) / STEPS);
  return (
    <figure className={styles.figure}>
      <div className={styles.frame}>
        <div className={styles.values} aria-hidden="true">
          {ticks.map((tick) => (
            <span key={tick}>{exactly(tick)}</span>
          ))}
        </div>
        <div
          className={styles.plot}
          tabIndex={0}
          role="group"
          aria-label={label}
          onPointerMove={(event) => setActive(placeOf(event, bars.length))}
          onPointerDown={(event) => setActive(placeOf(event, bars.length))}
          onPointerLeave={() => setActive(null)}
          onBlur={() => setActive(null)}
          onKeyDown={(event) => setActive(moved(event, active, bars.length))}
        >
          <Plot bars={bars} series={series} top={top} active={active} />
          {chosen && active !== null && (
            <Told
              bar={chosen}
              series={series}
              share={(active + 0.5) / bars.length}
              format={format}
            />
          )}
        </div>
        <div className={styles.dates} aria-hidden="true">
          {spread(bars.length, DATES).map((index) => {
            const share = bars.length > 1 ? (index / (bars.length - 1)) * 100 : 50;
            const at = { left: `${share}%`, transform: `translateX(-${share}%)` };
            return (
              <span key={index} style={at}>
                {dayText(bars[index]?.label ?? '', language)}
              </span>
            );
          })}
        </div>
      </div>
      <span className="y-hidden" role="status">
        {chosen ? `${dayText(chosen.label, language)}: ${format(sum(chosen))}` : ''}
      </span>
      <Group component="figcaption" gap="md" mt={6}>
        {series.map(({ key, total, color }) => (
          <Group key={key} gap={6} wrap="nowrap">
            <Swatch color={color} />
            <Text size="sm">
              {key} · <span className="y-number">{format(total)}</span>
            </Text>
          </Group>
        ))}
      </Group>
    </figure>
  );
}

function Plot(props: { bars: Bar[]; series: Series[]; top: number; active: number | null }) {
  const { bars, series, top, active } = props;
  const width = 100 / Math.max(1, bars.length);
  return (
    <svg
      viewBox="0 0 100 100"
      width="100%"
      height="100%"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {bars.map((bar, index) => {
        let y = 100;
        return (
          <g key={bar.label} opacity={active === null || active === index ? 1 : 0.45}>
            {series.map(({ key, color }) => {
              const value = bar.parts
                .filter((part) => part.key === key)
                .reduce((all, part) => all + part.value, 0);
              const height = Math.max(0, (value / top) * 100);
              y -= height;
              return height > 0 ? (
                <rect
                  key={key}
                  x={index * width + width * 0.14}
                  width={width * 0.72}
                  y={y}
                  height={height}
                  fill={color}
                />
              ) : null;
            })}
          </g>
        );
      })}
    </svg>
  );
}

function Told(props: {
  bar: Bar;
  series: Series[];
  share: number;
  format: (value: number) => string;
}) {
  const { language } = useSpeaking();
  const values = new Map(props.bar.parts.map(({ key, value }) => [key, value]));
  const at = `${props.share * 100}%`;
  return (
    <div className={styles.told} style={{ left: at, transform: `translateX(-${at})` }}>
      <Text size="sm" fw={600}>
        {dayText(props.bar.label, language)} · {props.format(sum(props.bar))}
      </Text>
      {props.series
        .filter(({ key }) => (values.get(key) ?? 0) !== 0)
        .map(({ key, color }) => (
          <Group key={key} gap={6} wrap="nowrap" justify="space-between">
            <Group gap={6} wrap="nowrap">
              <Swatch color={color} />
              <Text size="xs">{key}</Text>
            </Group>
            <Text size="xs" className="y-number">
              {props.format(values.get(key) ?? 0)}
            </Text>
          </Group>
        ))}
    </div>
  );
}

function Swatch({ color }: { color: string }) {
  return (
    <svg width="10" height="10" aria-hidden="true" className={styles.swatch}>
      <rect width="10" height="10" rx="2" fill={color} />
    </svg>
  );
}

function placeOf(event: PointerEvent<HTMLDivElement>, count: number): number | null {
  const box = event.currentTarget.getBoundingClientRect();
  const share = (event.clientX - box.left) / box.width;
  return count === 0 ? null : Math.min(count - 1, Math.max(0, Math.floor(share * count)));
}

function moved(event: KeyboardEvent, active: number | null, count: number): number | null {
  const last = count - 1;
  const places: Record<string, number> = {
    ArrowLeft: Math.max(0, (active ?? count) - 1),
    ArrowRight: Math.min(last, (active ?? last - 1) + 1),
    Home: 0,
    End: last,
  };
  const place = places[event.key];
  if (event.key === 'Escape') return null;
  if (place === undefined || count === 0) return active;
  event.preventDefault();
  return place;
}

function sum(bar: Bar): number {
  return bar.parts.reduce((all, part) => all + part.value, 0);
}
