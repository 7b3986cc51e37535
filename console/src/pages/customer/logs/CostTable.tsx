// tokens × price = 词元, line by line, up to the charge: enough to recompute it by hand.

import { Text } from '@mantine/core';
import type { LogDetail } from '~/api/types';
import { count } from '~/format/format';
import { useWords } from '~/i18n';
import { useCurrency } from '~/shell/site';
import { Amount } from '~/ui/Amount';
import { Count } from '~/ui/Count';
import { Table } from '~/ui/table/Table';
import { words } from './words';

export function CostTable({ detail }: { detail: LogDetail }) {
  const t = useWords(words);
  const { symbol, unit } = useCurrency();
  const { price, log } = detail;
  if (price === null)
    return (
      <Text size="sm" c="dimmed">
        {t.notCharged}
      </Text>
    );
  return (
    <>
      <Table label={t.cost}>
        <thead>
          <tr>
            <th scope="col">{t.kind}</th>
            <th scope="col" className="y-right">
              {t.count}
            </th>
            <th scope="col" className="y-right">
              {t.perMillion(symbol)}
            </th>
            <th scope="col" className="y-right">
              {unit}
            </th>
          </tr>
        </thead>
        <tbody>
          {price.lines.map((line) => (
            <tr key={line.kind}>
              <td>{t.kinds[line.kind] ?? line.kind}</td>
              <td className="y-right">
                <Count value={line.count} />
              </td>
              <td className="y-right y-number">× {line.price}</td>
              <td className="y-right y-number">= {decimal(line.cost)}</td>
            </tr>
          ))}
          {price.factor !== '1' && (
            <tr>
              <td colSpan={2}>{t.factor}</td>
              <td className="y-right y-number">× {price.factor}</td>
              <td className="y-right y-number">= {decimal(price.exact)}</td>
            </tr>
          )}
          <tr>
            <td colSpan={3}>
              <strong>{t.roundedUp}</strong>
            </td>
            <td className="y-right">
              <strong>
                <Count value={log.charge} />
              </strong>
            </td>
          </tr>
        </tbody>
      </Table>
      <Text size="sm" mt={6} component="div">
        {t.charge} <Amount micros={log.charge} show="both" fw={600} />
      </Text>
      <Text size="sm" c="dimmed">
        {t.sources[detail.usage_source] ?? t.sources.upstream}
      </Text>
      {detail.shortfall > 0 && (
        <Text size="sm" component="div">
          {t.shortfall} <Amount micros={detail.shortfall} show="both" />
        </Text>
      )}
    </>
  );
}

/** An exact decimal with its whole part grouped. */
function decimal(text: string): string {
  const [whole = '0', fraction] = text.split('.');
  return fraction === undefined ? count(BigInt(whole)) : `${count(BigInt(whole))}.${fraction}`;
}
