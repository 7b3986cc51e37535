// The page's own sum beside the server's: opening + entries = closing, or what does not fit.
import { Alert } from '@mantine/core';
import { useTexts } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { Icon } from '~/ui/Icon';
import type { Sums } from './useStatement';

export function Recomputed({ sums, hasMore }: { sums: Sums; hasMore: boolean }) {
  const t = useTexts().statement;
  const agrees = sums.wrongEntry === null && sums.computed === sums.closing;
  return (
    <Alert color={agrees ? 'green' : 'red'} icon={<Icon name={agrees ? 'check' : 'warning'} />} data-agrees={agrees}
      title={agrees ? t.agrees(sums.entries) : t.disagrees} role="status">
      <Amount micros={sums.opening} /> {sums.incomingCount > 0 && <>+ <Amount micros={sums.incoming} /> </>}
      {sums.outgoingCount > 0 && <>− <Amount micros={-sums.outgoing} /> </>}= <Amount micros={sums.computed} show="both" fw={600} />
      {!agrees && <>; {t.serverSays} <Amount micros={sums.closing} show="both" /></>}
      {sums.wrongEntry && <> · {t.firstWrong(sums.wrongEntry.seq)}</>}
      {hasMore && <> · {t.partly}</>}
    </Alert>
  );
}
