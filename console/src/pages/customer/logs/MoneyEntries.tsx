// How the money moved: what was held, what was settled from it, what came back, and the
// entries with the balance after each.

import { Text } from '@mantine/core';
import type { LogDetail } from '~/api/types';
import { useWords } from '~/i18n';
import { words as statementWords } from '~/pages/customer/statement/words';
import { Amount } from '~/ui/Amount';
import { Time } from '~/ui/Time';
import { Table } from '~/ui/table/Table';
import { words } from './words';

export function MoneyEntries({ detail }: { detail: LogDetail }) {
  const t = useWords(words);
  const statement = useWords(statementWords);
  const { entries, hold, log } = detail;
  return (
    <>
      <Table label={t.entries} data-entries="">
        <thead>
          <tr>
            <th scope="col">{t.movement}</th>
            <th scope="col" className="y-wide">
              {t.at}
            </th>
            <th scope="col" className="y-right">
              {t.amount}
            </th>
            <th scope="col" className="y-right">
              {t.balanceAfter}
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td>{t.held}</td>
            <td className="y-wide">
              <Time at={log.at} />
            </td>
            <td className="y-right">
              <Amount micros={hold} digits={6} />
            </td>
            <td className="y-right">{t.shell.none}</td>
          </tr>
          {entries.map((entry) => (
            <tr key={entry.id} data-entry={entry.kind}>
              <td>
                {statement.kinds[entry.kind] ?? entry.kind}{' '}
                <Text span size="xs" c="dimmed">
                  #{entry.seq}
                </Text>
              </td>
              <td className="y-wide">
                <Time at={entry.at} />
              </td>
              <td className="y-right">
                <Amount micros={entry.amount} digits={6} isSigned />
              </td>
              <td className="y-right">
                <Amount micros={entry.balance_after} digits={6} />
              </td>
            </tr>
          ))}
          <tr>
            <td>{t.released}</td>
            <td className="y-wide">{t.shell.none}</td>
            <td className="y-right">
              <Amount micros={hold - log.charge} digits={6} />
            </td>
            <td className="y-right">{t.shell.none}</td>
          </tr>
        </tbody>
      </Table>
      {entries.length === 0 && (
        <Text size="sm" c="dimmed" mt={6}>
          {t.noEntries}
        </Text>
      )}
    </>
  );
}
