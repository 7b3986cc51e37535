// Money, in the one way it is shown: the currency first, the ledger's whole units second.
import { Text, type TextProps } from '@mantine/core';
import { useCurrency } from '~/app/site';
import { count, money } from '~/app/format';

export interface AmountProps extends Pick<TextProps, 'fw' | 'size' | 'c'> {
  micros: number | bigint;
  /** `both` shows ¥ and 词元; `currency` keeps the second for the tooltip. */
  show?: 'both' | 'currency';
  /** A sign before what is positive: for entries and adjustments. */
  isSigned?: boolean;
  isStacked?: boolean;
}

export function Amount({ micros, show = 'currency', isSigned, isStacked, ...text }: AmountProps) {
  const currency = useCurrency();
  const plus = isSigned && BigInt(micros) > 0n ? '+' : '';
  const first = `${plus}${money(micros, currency)}`;
  const second = `${plus}${count(micros)} ${currency.unit}`;
  if (show === 'currency' && Object.keys(text).length === 0) {
    return <span className="y-number" title={second}>{first}</span>; // by the hundred, in tables
  }
  if (show === 'currency') {
    return <Text span inherit {...text} className="y-number" title={second}>{first}</Text>;
  }
  return (
    <Text span inherit {...text} className="y-number">
      {first}
      {isStacked ? <br /> : ' '}
      <Text span size="sm" c="dimmed" fw={400} className="y-number">{second}</Text>
    </Text>
  );
}
