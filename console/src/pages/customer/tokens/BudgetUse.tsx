// How far the budgets of a token are used: a bar each, with the sums in words.
import { Progress, Stack, Text } from '@mantine/core';
import type { Budget } from '~/api/types';
import { money, percent } from '~/format/format';
import { useWords } from '~/i18n';
import { useCurrency } from '~/shell/site';
import { Amount } from '~/ui/Amount';
import { Time } from '~/ui/Time';
import { words } from './words';

const FULL = 0.9;

export function BudgetUse(props: { budgets: Budget[] }) {
  const t = useWords(words);
  const currency = useCurrency();
  const budgets = props.budgets.flatMap(({ limit, ...rest }) =>
    limit === null ? [] : [{ ...rest, limit }],
  );
  if (budgets.length === 0) return <span>{t.noBudget}</span>;
  return (
    <Stack gap={6}>
      {budgets.map((budget) => {
        const used = budget.spent + budget.held;
        const share = budget.limit > 0 ? Math.min(1, used / budget.limit) : 1;
        const title = [t.periods[budget.period], budget.model].filter(Boolean).join(' · ');
        const label = `${title}: ${money(used, currency)} / ${money(budget.limit, currency)} (${percent(share)})`;
        return (
          <Stack key={budget.id} gap={2} miw={150}>
            <Text size="xs" component="div">
              {title} <Amount micros={used} /> / <Amount micros={budget.limit} />
            </Text>
            <Progress.Root size="sm">
              <Progress.Section
                value={share * 100}
                color={share >= FULL ? 'red' : 'teal'}
                aria-label={label}
              />
            </Progress.Root>
            {budget.resets_at && (
              <Text size="xs" c="dimmed" component="div">
                {t.resets} <Time at={budget.resets_at} show="ago" />
              </Text>
            )}
          </Stack>
        );
      })}
    </Stack>
  );
}
