// The columns of the shop's requests: one line a row, the rest in the drawer.
import { Text } from '@mantine/core';
import { useMemo } from 'react';
import type { RequestLine } from '~/api/types';
import { milliseconds } from '~/format/format';
import { useWords, type Words } from '~/i18n';
import { OutcomeBadge } from '~/pages/customer/logs/OutcomeBadge';
import { words as logWords } from '~/pages/customer/logs/words';
import { Amount } from '~/ui/Amount';
import { Count } from '~/ui/Count';
import { Time } from '~/ui/Time';
import type { Column } from '~/ui/table/DataTable';
import { words } from './words';

export function useRequestColumns(): Column<RequestLine>[] {
  const t = useWords(words);
  const log = useWords(logWords);
  return useMemo(() => columnsOf(t, log), [t, log]);
}

function columnsOf(t: Words<typeof words>, log: Words<typeof logWords>): Column<RequestLine>[] {
  const ms = (value: number | null) =>
    value === null ? t.shell.none : <span className="y-number">{milliseconds(value)}</span>;
  return [
    { id: 'at', header: log.at, cell: (row) => <Time at={row.at} show="short" /> },
    { id: 'outcome', header: log.outcome, cell: (row) => <OutcomeBadge log={row} isShort /> },
    {
      id: 'code',
      header: t.code,
      cell: (row) => row.code && <span className="y-mono">{row.code}</span>,
    },
    { id: 'account', header: t.account, cell: (row) => row.account ?? t.unknown },
    { id: 'token', header: t.token, cell: (row) => row.token ?? t.shell.none },
    { id: 'model', header: t.model, cell: (row) => <span className="y-mono">{row.model}</span> },
    { id: 'channel', header: t.channel, cell: (row) => row.channel ?? t.shell.none },
    {
      id: 'tokens',
      header: `${log.input} / ${log.output}`,
      isRight: true,
      isHidden: true,
      cell: (row) => (
        <Text span inherit className="y-number">
          <Count value={row.input_tokens} /> / <Count value={row.output_tokens} />
        </Text>
      ),
    },
    {
      id: 'charge',
      header: log.charge,
      isRight: true,
      isFigure: true,
      cell: (row) => <Amount micros={row.charge} digits={6} />,
    },
    { id: 'total', header: log.total, isRight: true, cell: (row) => ms(row.total_ms) },
    {
      id: 'first',
      header: log.firstByte,
      isRight: true,
      isHidden: true,
      cell: (row) => ms(row.first_byte_ms),
    },
    {
      id: 'endpoint',
      header: log.endpoint,
      isHidden: true,
      cell: (row) => <span className="y-mono">{row.endpoint}</span>,
    },
    {
      id: 'id',
      header: t.requestId,
      isHidden: true,
      cell: (row) => <span className="y-mono">{row.request_id}</span>,
    },
  ];
}
