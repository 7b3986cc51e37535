// How a request ended: its status and a word.
import { Badge } from '@mantine/core';
import type { Log } from '~/api/types';
import { useWords } from '~/i18n';
import { words as usageWords } from '~/pages/customer/usage/words';

const FIRST_ERROR_STATUS = 400;

export function OutcomeBadge(props: {
  log: Pick<Log, 'status' | 'outcome'>;
  /** In a list: what went well is its status alone. */
  isShort?: boolean;
}) {
  const { log } = props;
  const t = useWords(usageWords);
  const isError =
    (log.status ?? 0) >= FIRST_ERROR_STATUS ||
    log.outcome === 'failed' ||
    log.outcome === 'refused';
  const color = isError ? 'red' : log.outcome === 'completed' ? 'gray' : 'orange';
  return (
    <Badge variant="light" color={color}>
      {[
        log.status,
        props.isShort && log.outcome === 'completed'
          ? null
          : (t.outcomes[log.outcome] ?? log.outcome),
      ]
        .filter((part) => part !== null)
        .join(' ')}
    </Badge>
  );
}
