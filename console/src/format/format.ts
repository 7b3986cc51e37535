// Numbers, money and times as text. Money is whole 词元 (a millionth of the currency) as
// a JSON integer; it is split with BigInt, because a float would lose the last digits.

export interface Currency {
  /** Such as ¥. */
  symbol: string;
  /** What a millionth is called, such as 词元. */
  unit: string;
}

const MICROS = 1_000_000n;

function grouped(digits: bigint): string {
  return digits.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `1234567` → `¥1.234567`; at least two decimals, never rounded. */
export function money(micros: number | bigint, currency: Currency): string {
  const { sign, whole, fraction } = parted(BigInt(micros));
  return `${sign}${currency.symbol}${grouped(whole)}.${fraction.replace(/0{1,4}$/, '')}`;
}

const DECIMALS = 6;

/**
 * With so many decimals, half a unit rounded up: `1234567` → `¥1.23` with two. What is
 * not nothing never shows as nothing: it keeps all its decimals then.
 */
export function roundedMoney(micros: number | bigint, currency: Currency, digits: number): string {
  const value = BigInt(micros);
  const step = 10n ** BigInt(DECIMALS - digits);
  const size = value < 0n ? -value : value;
  const rounded = ((size + step / 2n) / step) * step;
  if (rounded === 0n && size > 0n) return money(value, currency);
  const { whole, fraction } = parted(rounded);
  const sign = value < 0n ? '−' : '';
  return `${sign}${currency.symbol}${grouped(whole)}.${fraction.slice(0, digits)}`;
}

function parted(value: bigint): { sign: string; whole: bigint; fraction: string } {
  const size = value < 0n ? -value : value;
  return {
    sign: value < 0n ? '−' : '',
    whole: size / MICROS,
    fraction: (size % MICROS).toString().padStart(DECIMALS, '0'),
  };
}

/** `1234567` → `1,234,567`. */
export function count(value: number | bigint): string {
  const whole = BigInt(value);
  return whole < 0n ? `−${grouped(-whole)}` : grouped(whole);
}

/** For an axis: `1500000` → `1.5M`; what is below ten thousand is whole, or has one decimal. */
export function shortCount(value: number): string {
  const [size, letter] = value >= 1e9 ? [1e9, 'G'] : value >= 1e6 ? [1e6, 'M'] : [1e3, 'k'];
  if (value < 10_000) return String(Math.round(value * 10) / 10);
  return `${Math.round((value / size) * 100) / 100}${letter}`;
}

/** A price per million tokens comes as a decimal string; `"30"` → `¥30`. */
export function price(decimal: string, currency: Currency): string {
  return `${currency.symbol}${decimal}`;
}

/** Text that a person typed (`12.5`) as micros; null when it is not an amount. */
export function microsOf(text: string): number | null {
  const match = /^\s*(-?)(\d{1,9})(?:\.(\d{1,6}))?\s*$/.exec(text.replace(/[,，¥￥\s]/g, ''));
  if (match === null) return null;
  const whole = BigInt(match[2] ?? '0') * MICROS + BigInt((match[3] ?? '').padEnd(6, '0'));
  return Number(match[1] === '-' ? -whole : whole);
}

/** Micros as a person would type them: `1500000` → `1.5`. */
export function typed(micros: number): string {
  return money(micros, { symbol: '', unit: '' })
    .replace('−', '-')
    .replaceAll(',', '')
    .replace(/\.?0+$/, '');
}

export function milliseconds(value: number): string {
  return value < 1000
    ? `${Math.round(value)} ms`
    : `${(value / 1000).toFixed(value < 10_000 ? 2 : 1)} s`;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)}%`;
}

/** Which part of a month's input an upstream had in its cache. */
export function cachedShare(month: { input_tokens: number; cached_input_tokens: number }): number {
  return month.input_tokens === 0 ? 0 : month.cached_input_tokens / month.input_tokens;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** In the viewer's zone, or the one that the account names. Formatters cost more than rows. */
export function dateTime(iso: string, language: string, zone?: string): string {
  const key = `${language} ${zone ?? ''}`;
  let formatter = formatters.get(key);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat(language, {
      dateStyle: 'medium',
      timeStyle: 'medium',
      timeZone: zone || undefined,
    });
    formatters.set(key, formatter);
  }
  return formatter.format(new Date(iso));
}

/** For columns of a list: without the year, to the second. */
export function shortTime(iso: string, language: string, zone?: string): string {
  const key = `short ${language} ${zone ?? ''}`;
  let formatter = formatters.get(key);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat(language, {
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      timeZone: zone || undefined,
    });
    formatters.set(key, formatter);
  }
  return formatter.format(new Date(iso));
}

export function utc(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** `3 hours ago`, `in 2 days`. */
export function ago(iso: string, language: string, now = Date.now()): string {
  const seconds = Math.round((Date.parse(iso) - now) / 1000);
  const words = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const step = STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? STEPS[3];
  return step ? words.format(Math.trunc(seconds / step[1]), step[0]) : iso;
}

/** A UTC day for an axis: `2026-11-25` → `Nov 25`. */
export function dayText(day: string, language: string): string {
  const key = `day ${language}`;
  let formatter = formatters.get(key);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat(language, {
      month: 'short',
      day: 'numeric',
      timeZone: 'UTC',
    });
    formatters.set(key, formatter);
  }
  return day === '' ? '' : formatter.format(Date.parse(day));
}

/** The last days in UTC, today the last of them: `2026-11-25`. */
export function lastDays(count: number, now = Date.now()): string[] {
  return Array.from({ length: count }, (_, index) =>
    new Date(now - (count - 1 - index) * 86_400_000).toISOString().slice(0, 10),
  );
}
