// The columns of the request log.
import { useMemo } from 'react';
import type { Log } from '~/api/types';
import { milliseconds } from '~/app/format';
import { type Texts, useTexts } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { Count } from '~/ui/Count';
import type { Column } from '~/ui/DataTable';
import { Time } from '~/ui/Time';
import { OutcomeBadge } from './OutcomeBadge';

export function useLogColumns(): Column<Log>[] {
  const t = useTexts();
  return useMemo(() => columnsOf(t), [t]);
}

function columnsOf(t: Texts): Column<Log>[] {
  const words = t.logs;
  const ms = (value: number | null) => (value === null ? t.shell.none : <span className="y-number">{milliseconds(value)}</span>);
  return [
    { id: 'at', header: words.at, cell: (row) => <Time at={row.at} /> },
    { id: 'model', header: t.usage.model, cell: (row) => <span className="y-mono">{row.model}</span> },
    { id: 'token', header: t.usage.token, cell: (row) => row.token_name },
    { id: 'outcome', header: words.outcome, cell: (row) => <OutcomeBadge log={row} /> },
    { id: 'input', header: words.input, isRight: true, cell: (row) => <Count value={row.input_tokens} /> },
    { id: 'output', header: words.output, isRight: true, cell: (row) => <Count value={row.output_tokens} /> },
    { id: 'charge', header: words.charge, isRight: true, cell: (row) => <Amount micros={row.charge} /> },
    { id: 'total', header: words.total, isRight: true, cell: (row) => ms(row.total_ms) },
    { id: 'first', header: words.firstByte, isRight: true, isHidden: true, cell: (row) => ms(row.first_byte_ms) },
    { id: 'cached', header: t.usage.cached, isRight: true, isHidden: true, cell: (row) => <Count value={row.cached_input_tokens} /> },
    { id: 'reasoning', header: t.usage.reasoning, isRight: true, isHidden: true, cell: (row) => <Count value={row.reasoning_tokens} /> },
    { id: 'endpoint', header: words.endpoint, isHidden: true, cell: (row) => row.endpoint },
    { id: 'streamed', header: words.streamed, isHidden: true, cell: (row) => (row.streamed ? t.shell.yes : t.shell.no) },
    { id: 'id', header: t.shell.requestId, isHidden: true, cell: (row) => <span className="y-mono">{row.request_id}</span> },
  ];
}
