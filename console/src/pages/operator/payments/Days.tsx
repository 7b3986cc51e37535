// Days that were compared with the providers' lists, and a day compared now.
import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { Listed, PaymentDay, PaymentMethod } from '~/api/types';
import { useSubmit } from '~/data/form';
import { rowsOf } from '~/data/rows';
import { useWords } from '~/i18n';
import { useMay } from '~/shell/may';
import { Refusal } from '~/ui/Refusal';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { words } from './words';

const KEY = ['operator', 'payments', 'days'];

export function Days() {
  const t = useWords(words);
  const mayPay = useMay('owner', 'finance');
  const kinds = t.kinds as Record<string, string>;
  const query = useQuery({
    queryKey: KEY,
    queryFn: () => call<Listed<PaymentDay>>(api.GET('/api/operator/payments/days')),
  });
  const columns: Column<PaymentDay>[] = [
    { id: 'day', header: t.day, cell: (row) => row.day },
    { id: 'method', header: t.method, cell: (row) => row.method },
    {
      id: 'ours',
      header: t.ours,
      isRight: true,
      cell: (row) => `${row.ours} ${row.currency.toUpperCase()}`,
    },
    {
      id: 'theirs',
      header: t.theirs,
      isRight: true,
      cell: (row) => `${row.theirs} ${row.currency.toUpperCase()}`,
    },
    {
      id: 'differences',
      header: t.differences,
      cell: (row) =>
        row.differences.length === 0
          ? t.none
          : row.differences
              .map((each) => `${each.number.slice(0, 12)}… ${kinds[each.kind] ?? each.kind}`)
              .join('; '),
    },
  ];
  return (
    <>
      {mayPay && <CompareForm />}
      <DataTable
        isPlain
        name="payment-days"
        label={t.tabs.days}
        columns={columns}
        data={rowsOf(query)}
        rowId={(row) => `${row.method}${row.day}`}
        empty={<EmptyRows title={t.noDays} />}
      />
    </>
  );
}

function CompareForm() {
  const t = useWords(words);
  const queries = useQueryClient();
  const methods = useQuery({
    queryKey: ['operator', 'payment-methods'],
    queryFn: () => call<Listed<PaymentMethod>>(api.GET('/api/operator/payment-methods')),
  });
  const names = (methods.data?.items ?? []).map(({ name }) => name);
  const form = useForm({ initialValues: { method: '', day: yesterday() } });
  const comparing = useSubmit(form, async ({ method, day }) => {
    const body = { method: method || (names[0] ?? ''), day };
    await call<PaymentDay>(api.POST('/api/operator/payments/days', { body }));
    await queries.invalidateQueries({ queryKey: KEY });
  });
  if (names.length === 0) return null;
  return (
    <form onSubmit={form.onSubmit((values) => void comparing.submit(values))}>
      <Group align="flex-end" gap="xs">
        <NativeSelect label={t.method} data={names} {...form.getInputProps('method')} />
        <TextInput type="date" label={t.day} required {...form.getInputProps('day')} />
        <Button type="submit" variant="default" loading={comparing.isBusy}>
          {t.compare}
        </Button>
      </Group>
      <Refusal text={comparing.refused} />
    </form>
  );
}

/** Yesterday in UTC+8, where days of providers begin and end. */
function yesterday(): string {
  return new Date(Date.now() - 16 * 3_600_000).toISOString().slice(0, 10);
}
