// The budgets of a token: a period, perhaps one model, and a sum, as many as wanted.
import {
  ActionIcon,
  Button,
  Fieldset,
  Group,
  NativeSelect,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useWords } from '~/i18n';
import { useCurrency } from '~/shell/site';
import { Icon } from '~/ui/Icon';
import { newBudget, type TokenValues } from './values';
import { words } from './words';

const BUDGETS_MAX = 10;

export function BudgetFields(props: { form: UseFormReturnType<TokenValues>; models: string[] }) {
  const t = useWords(words);
  const { symbol } = useCurrency();
  const { form } = props;
  const periods = (['month', 'day', 'total'] as const).map((value) => ({
    value,
    label: t.periods[value],
  }));
  const models = [
    { value: '', label: t.allModels },
    ...props.models.map((name) => ({ value: name, label: name })),
  ];
  const rows = form.values.budgets;
  return (
    <Fieldset legend={t.budgets}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t.budgetsHint}
        </Text>
        {rows.map((row, index) => (
          <Group
            key={row.key}
            gap="xs"
            align="flex-start"
            role="group"
            aria-label={t.budgetNumber(index + 1)}
          >
            <NativeSelect
              label={t.period}
              data={periods}
              w={110}
              {...form.getInputProps(`budgets.${index}.period`)}
            />
            <TextInput
              label={t.limit}
              leftSection={symbol}
              inputMode="decimal"
              required
              w={120}
              {...form.getInputProps(`budgets.${index}.limit`)}
            />
            <NativeSelect
              label={t.model}
              data={models}
              flex="1 1 140px"
              {...form.getInputProps(`budgets.${index}.model`)}
            />
            <ActionIcon
              variant="default"
              size={34}
              mt={25}
              aria-label={t.removeBudget(index + 1)}
              onClick={() => form.removeListItem('budgets', index)}
            >
              <Icon name="close" size={16} />
            </ActionIcon>
          </Group>
        ))}
        {typeof form.errors.budgets === 'string' && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            {form.errors.budgets}
          </Text>
        )}
        {rows.length < BUDGETS_MAX && (
          <div>
            <Button
              variant="default"
              size="xs"
              onClick={() => form.insertListItem('budgets', newBudget())}
            >
              {t.addBudget}
            </Button>
          </div>
        )}
      </Stack>
    </Fieldset>
  );
}
