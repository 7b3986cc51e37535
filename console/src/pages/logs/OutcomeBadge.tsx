// How a request ended: its status and a word.
import { Badge } from '@mantine/core';
import type { Log } from '~/api/types';
import { useTexts } from '~/i18n';

const FIRST_ERROR_STATUS = 400;

export function OutcomeBadge({ log }: { log: Log }) {
  const t = useTexts().usage;
  const isError = (log.status ?? 0) >= FIRST_ERROR_STATUS || log.outcome === 'failed' || log.outcome === 'refused';
  const color = isError ? 'red' : log.outcome === 'completed' ? 'green' : 'orange';
  return (
    <Badge variant="light" color={color}>
      {[log.status, t.outcomes[log.outcome] ?? log.outcome].filter((part) => part !== null).join(' ')}
    </Badge>
  );
}
