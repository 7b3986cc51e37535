// The page's own sum beside the server's: opening + entries = closing. Green only when every
// entry of the span was added up and the sums are equal.
import { Alert, Button, Group } from '@mantine/core';
import { count } from '~/format/format';
import { useWords } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { Icon } from '~/ui/Icon';
import type { Check, Sums } from './useStatement';
import { words } from './words';

const COLORS = { reading: 'gray', verified: 'green', wrong: 'red' };

export function Recomputed(props: {
  sums: Sums;
  check: Check;
  isLong: boolean;
  onReadAll: () => void;
}) {
  const t = useWords(words);
  const { sums, check } = props;
  const titles = {
    reading: t.reading(count(check.read), count(sums.entries)),
    verified: t.agrees(sums.entries),
    wrong: t.disagrees,
  };
  return (
    <Alert
      color={COLORS[check.state]}
      icon={<Icon name={check.state === 'wrong' ? 'warning' : 'check'} />}
      data-agrees={check.state === 'verified'}
      data-check={check.state}
      title={titles[check.state]}
      role="status"
    >
      <Group justify="space-between">
        <div>
          <Amount micros={sums.opening} />
          {sums.incoming > 0 && (
            <>
              {' + '}
              <Amount micros={sums.incoming} />
            </>
          )}
          {sums.outgoing > 0 && (
            <>
              {' − '}
              <Amount micros={sums.outgoing} />
            </>
          )}
          {' = '}
          <Amount micros={sums.closing} show="both" fw={600} />
          {check.state === 'wrong' && (
            <>
              {'; '}
              {t.computedHere} <Amount micros={check.computed} show="both" />
            </>
          )}
          {check.wrongEntry && <> · {t.firstWrong(check.wrongEntry.seq)}</>}
        </div>
        {check.state === 'reading' && props.isLong && (
          <Button size="xs" variant="default" className="y-no-print" onClick={props.onReadAll}>
            {t.readAll}
          </Button>
        )}
      </Group>
    </Alert>
  );
}
