// A shop's own colour as the kit's ten shades, with contrast that people can read.
import type { MantineColorsTuple } from '@mantine/core';

type Rgb = [number, number, number];

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
const CONTRAST_MIN = 4.6;
const DARK_GROUND: Rgb = [23, 28, 31];
const LIGHTER = [0.9, 0.8, 0.62, 0.45, 0.3, 0.18, 0.08];
const STEP = 0.04;

export interface Brand {
  shades: MantineColorsTuple;
  /** Of links and lines, on light and on dark ground. */
  onLight: string;
  onDark: string;
}

export function brandOf(color: string): Brand | null {
  const given = rgbOf(color);
  if (given === null) return null;
  const deep = until(given, BLACK, WHITE);
  const pale = until(given, WHITE, DARK_GROUND);
  const shades = [
    ...LIGHTER.map((share) => hex(mixed(deep, WHITE, share))),
    hex(deep),
    hex(mixed(deep, BLACK, 0.18)),
    hex(mixed(deep, BLACK, 0.4)),
  ];
  return { shades: shades as unknown as MantineColorsTuple, onLight: hex(deep), onDark: hex(pale) };
}

/** The colour, moved towards another until it can be read on the ground. */
function until(color: Rgb, towards: Rgb, ground: Rgb): Rgb {
  for (let share = 0; share < 1; share += STEP) {
    const tried = mixed(color, towards, share);
    if (contrast(tried, ground) >= CONTRAST_MIN) return tried;
  }
  return towards;
}

function rgbOf(color: string): Rgb | null {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  return match ? (match.slice(1, 4).map((part) => Number.parseInt(part, 16)) as Rgb) : null;
}

function hex(color: Rgb): string {
  return `#${color.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}

function mixed(one: Rgb, other: Rgb, share: number): Rgb {
  return one.map((part, at) => part + ((other[at] ?? 0) - part) * share) as Rgb;
}

function contrast(one: Rgb, other: Rgb): number {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [
    number,
    number,
  ];
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(color: Rgb): number {
  const [red, green, blue] = color.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
