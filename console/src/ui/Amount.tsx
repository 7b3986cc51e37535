// Money, in the one way it is shown: the currency first, the ledger's whole units second.
import { Text, type TextProps } from '@mantine/core';
import { count, money, roundedMoney } from '~/format/format';
import { useCurrency } from '~/shell/site';

export interface AmountProps extends Pick<TextProps, 'fw' | 'size' | 'c'> {
  micros: number | bigint;
  /** `both` shows ¥ and 词元; `currency` keeps the second for the tooltip. */
  show?: 'both' | 'currency';
  /** Decimals: 2 in headlines, the same number all down a column. All of them without. */
  digits?: 2 | 4 | 6;
  /** A sign before what is positive: for entries and adjustments. */
  isSigned?: boolean;
  isStacked?: boolean;
}

export function Amount({
  micros,
  show = 'currency',
  digits,
  isSigned,
  isStacked,
  ...text
}: AmountProps) {
  const currency = useCurrency();
  const plus = isSigned && BigInt(micros) > 0n ? '+' : '';
  const shown =
    digits === undefined ? money(micros, currency) : roundedMoney(micros, currency, digits);
  const first = `${plus}${shown}`;
  const second = `${plus}${count(micros)} ${currency.unit}`;
  const exact = digits === undefined ? second : `${plus}${money(micros, currency)} · ${second}`;
  if (show === 'currency' && Object.keys(text).length === 0) {
    return (
      <span className="y-number" title={exact}>
        {first}
      </span>
    ); // by the hundred, in tables
  }
  if (show === 'currency') {
    return (
      <Text span inherit {...text} className="y-number" title={exact}>
        {first}
      </Text>
    );
  }
  return (
    <Text span inherit {...text} className="y-number">
      {first}
      {isStacked ? <br /> : ' '}
      <Text span size="sm" c="dimmed" fw={400} className="y-number">
        {second}
      </Text>
    </Text>
  );
}
