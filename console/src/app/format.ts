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
  const value = BigInt(micros);
  const size = value < 0n ? -value : value;
  const fraction = (size % MICROS).toString().padStart(6, '0').replace(/0{1,4}$/, '');
  return `${value < 0n ? '−' : ''}${currency.symbol}${grouped(size / MICROS)}.${fraction}`;
}

/** `1234567` → `1,234,567`. */
export function count(value: number | bigint): string {
  const whole = BigInt(value);
  return whole < 0n ? `−${grouped(-whole)}` : grouped(whole);
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
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(value < 10_000 ? 2 : 1)} s`;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** In the viewer's zone, or the one that the account names. Formatters cost more than rows. */
export function dateTime(iso: string, language: string, zone?: string): string {
  const key = `${language} ${zone ?? ''}`;
  let formatter = formatters.get(key);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium', timeZone: zone || undefined });
    formatters.set(key, formatter);
  }
  return formatter.format(new Date(iso));
}

export function utc(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1],
];

/** `3 hours ago`, `in 2 days`. */
export function ago(iso: string, language: string, now = Date.now()): string {
  const seconds = Math.round((Date.parse(iso) - now) / 1000);
  const words = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const step = STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? STEPS[3];
  return step ? words.format(Math.trunc(seconds / step[1]), step[0]) : iso;
}

/** The last days in UTC, today the last of them: `2026-11-25`. */
export function lastDays(count: number, now = Date.now()): string[] {
  return Array.from({ length: count }, (_, index) => new Date(now - (count - 1 - index) * 86_400_000).toISOString().slice(0, 10));
}
