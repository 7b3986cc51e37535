// The sums of the span, each beside the sum of the span before it.
import { SimpleGrid } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Usage } from '~/api/types';
import { percent } from '~/format/format';
import { useWords } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { Count } from '~/ui/Count';
import { Stat } from '~/ui/Stat';
import { words } from './words';

export function Totals({ usage }: { usage: Usage }) {
  const t = useWords(words);
  const { total, previous } = usage;
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
      <Stat
        label={t.spend}
        value={<Amount micros={total.charge} digits={2} />}
        hint={
          <Before now={total.charge} before={previous.charge}>
            <Amount micros={previous.charge} digits={2} />
          </Before>
        }
      />
      <Stat
        label={t.requests}
        value={<Count value={total.requests} />}
        hint={
          <Before now={total.requests} before={previous.requests}>
            <Count value={previous.requests} />
          </Before>
        }
      />
      <Stat
        label={t.inputTokens}
        value={<Count value={total.input_tokens} />}
        hint={
          <>
            {t.cached} <Count value={total.cached_input_tokens} />
          </>
        }
      />
      <Stat
        label={t.outputTokens}
        value={<Count value={total.output_tokens} />}
        hint={
          <>
            {t.errors} <Count value={total.errors} /> ·{' '}
            {percent(total.requests > 0 ? total.errors / total.requests : 0)}
          </>
        }
      />
    </SimpleGrid>
  );
}

function Before(props: { now: number; before: number; children: ReactNode }) {
  const t = useWords(words);
  const { now, before } = props;
  if (before === 0)
    return (
      <>
        {t.before} {props.children}
      </>
    );
  const change = (now - before) / before;
  return (
    <>
      {t.before} {props.children} · {change >= 0 ? '+' : '−'}
      {percent(Math.abs(change))}
    </>
  );
}
