// A whole number with grouped, tabular digits.
import { count } from '~/format/format';

export function Count({ value }: { value: number | bigint }) {
  return <span className="y-number">{count(value)}</span>;
}
