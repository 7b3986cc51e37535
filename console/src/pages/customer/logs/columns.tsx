// The columns of the request log.
import { useMemo } from 'react';
import type { Log } from '~/api/types';
import { milliseconds } from '~/format/format';
import { useWords, type Words } from '~/i18n';
import { words as usageWords } from '~/pages/customer/usage/words';
import { Amount } from '~/ui/Amount';
import { Count } from '~/ui/Count';
import { Time } from '~/ui/Time';
import type { Column } from '~/ui/table/DataTable';
import { OutcomeBadge } from './OutcomeBadge';
import { words } from './words';

export function useLogColumns(): Column<Log>[] {
  const t = useWords(words);
  const usage = useWords(usageWords);
  return useMemo(() => columnsOf(t, usage), [t, usage]);
}

function columnsOf(t: Words<typeof words>, usage: Words<typeof usageWords>): Column<Log>[] {
  const ms = (value: number | null) =>
    value === null ? t.shell.none : <span className="y-number">{milliseconds(value)}</span>;
  return [
    { id: 'at', header: t.at, cell: (row) => <Time at={row.at} show="short" /> },
    {
      id: 'model',
      header: usage.model,
      cell: (row) => <span className="y-mono">{row.model}</span>,
    },
    { id: 'token', header: usage.token, cell: (row) => row.token_name },
    { id: 'outcome', header: t.outcome, cell: (row) => <OutcomeBadge log={row} isShort /> },
    {
      id: 'input',
      header: t.input,
      isRight: true,
      cell: (row) => <Count value={row.input_tokens} />,
    },
    {
      id: 'output',
      header: t.output,
      isRight: true,
      cell: (row) => <Count value={row.output_tokens} />,
    },
    {
      id: 'charge',
      header: t.charge,
      isRight: true,
      isFigure: true,
      cell: (row) => <Amount micros={row.charge} digits={6} />,
    },
    { id: 'total', header: t.total, isRight: true, cell: (row) => ms(row.total_ms) },
    {
      id: 'first',
      header: t.firstByte,
      isRight: true,
      isHidden: true,
      cell: (row) => ms(row.first_byte_ms),
    },
    {
      id: 'cached',
      header: usage.cached,
      isRight: true,
      isHidden: true,
      cell: (row) => <Count value={row.cached_input_tokens} />,
    },
    {
      id: 'reasoning',
      header: usage.reasoning,
      isRight: true,
      isHidden: true,
      cell: (row) => <Count value={row.reasoning_tokens} />,
    },
    { id: 'endpoint', header: t.endpoint, isHidden: true, cell: (row) => row.endpoint },
    {
      id: 'streamed',
      header: t.streamed,
      isHidden: true,
      cell: (row) => (row.streamed ? t.shell.yes : t.shell.no),
    },
    {
      id: 'id',
      header: t.shell.requestId,
      isHidden: true,
      cell: (row) => <span className="y-mono">{row.request_id}</span>,
    },
  ];
}
