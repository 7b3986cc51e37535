// How the money moved: what was held, what was settled from it, what came back, and the
// entries with the balance after each.
import { Text } from '@mantine/core';
import type { LogDetail } from '~/api/types';
import { useTexts } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { Time } from '~/ui/Time';

export function MoneyEntries({ detail }: { detail: LogDetail }) {
  const t = useTexts();
  const words = t.logs;
  const { entries, hold, log } = detail;
  return (
    <>
      <table className="y-table y-figures" aria-label={words.entries} data-entries="">
        <thead>
          <tr>
            <th scope="col">{words.movement}</th>
            <th scope="col" className="y-wide">{words.at}</th>
            <th scope="col" className="y-right">{words.amount}</th>
            <th scope="col" className="y-right">{words.balanceAfter}</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td>{words.held}</td>
            <td className="y-wide"><Time at={log.at} /></td>
            <td className="y-right"><Amount micros={hold} /></td>
            <td className="y-right">{t.shell.none}</td>
          </tr>
          {entries.map((entry) => (
            <tr key={entry.id} data-entry={entry.kind}>
              <td>{t.statement.kinds[entry.kind] ?? entry.kind} <Text span size="xs" c="dimmed">#{entry.seq}</Text></td>
              <td className="y-wide"><Time at={entry.at} /></td>
              <td className="y-right"><Amount micros={entry.amount} isSigned /></td>
              <td className="y-right"><Amount micros={entry.balance_after} /></td>
            </tr>
          ))}
          <tr>
            <td>{words.released}</td>
            <td className="y-wide">{t.shell.none}</td>
            <td className="y-right"><Amount micros={hold - log.charge} /></td>
            <td className="y-right">{t.shell.none}</td>
          </tr>
        </tbody>
      </table>
      {entries.length === 0 && <Text size="sm" c="dimmed" mt={6}>{words.noEntries}</Text>}
    </>
  );
}
