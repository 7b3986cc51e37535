// All accounts: find one, open a new one.
import { Badge, Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { AccountItem, Listed } from '~/api/types';
import { asQuery, useFilters } from '~/data/filters';
import { useSubmit } from '~/data/form';
import { useKeyset } from '~/data/rows';
import { microsOf } from '~/format/format';
import { useWords } from '~/i18n';
import { useMay } from '~/shell/may';
import { useCurrency } from '~/shell/site';
import { Amount } from '~/ui/Amount';
import { Count } from '~/ui/Count';
import { FormModal } from '~/ui/dialogs';
import { FilterBar } from '~/ui/FilterBar';
import { PageFrame } from '~/ui/PageFrame';
import { Refusal } from '~/ui/Refusal';
import { RouterLink } from '~/ui/RouterLink';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastDone } from '~/ui/toast';
import { words } from './words';

const DEFAULTS = { search: '', state: '', sort: '', descending: '' };
/** The columns by which the server sorts, and what it calls them. */
const SORTS: Record<string, string> = {
  name: 'name',
  balance: 'balance',
  spend: 'spend_month',
  tokens: 'tokens',
  used: 'last_used',
  created: 'created',
};

export default function AccountsPage() {
  const t = useWords(words);
  const navigate = useNavigate();
  const [filters, setFilters] = useFilters(DEFAULTS);
  const [isOpening, setOpening] = useState(false);
  const mayOpen = useMay('owner', 'support', 'finance');
  const data = useKeyset(['operator', 'accounts', filters], (after) =>
    call<Listed<AccountItem>>(
      api.GET('/api/operator/accounts', {
        params: { query: { ...asQuery(filters), after } as never },
      }),
    ),
  );
  const columns: Column<AccountItem>[] = [
    {
      id: 'name',
      isSortable: true,
      header: t.shell.name,
      cell: (row) => (
        <Group gap="xs">
          <RouterLink to="/operator/accounts/$account" params={{ account: row.id }}>
            {row.name}
          </RouterLink>
          {row.is_suspended && (
            <Badge color="red" variant="light">
              {t.suspended}
            </Badge>
          )}
        </Group>
      ),
    },
    {
      id: 'balance',
      isSortable: true,
      header: t.balance,
      isRight: true,
      isFigure: true,
      cell: (row) => <Amount micros={row.balance} digits={2} />,
    },
    {
      id: 'held',
      header: t.held,
      isRight: true,
      cell: (row) => <Amount micros={row.held} digits={2} />,
      isHidden: true,
    },
    {
      id: 'spend',
      isSortable: true,
      header: t.spendMonth,
      isRight: true,
      cell: (row) => <Amount micros={row.spend_month} digits={2} />,
    },
    {
      id: 'tokens',
      isSortable: true,
      header: t.tokens,
      isRight: true,
      cell: (row) => <Count value={row.tokens} />,
    },
    {
      id: 'used',
      isSortable: true,
      header: t.lastUsed,
      cell: (row) => <Time at={row.last_used} show="ago" />,
    },
    {
      id: 'created',
      isSortable: true,
      header: t.created,
      cell: (row) => <Time at={row.created} />,
      isHidden: true,
    },
  ];
  const here = Object.keys(SORTS).find((id) => SORTS[id] === filters.sort);
  const states = [
    { value: '', label: t.shell.all },
    { value: 'active', label: t.active },
    { value: 'suspended', label: t.suspended },
  ];
  const empty =
    filters.search || filters.state ? (
      <EmptyRows title={t.shell.noMatch} />
    ) : (
      <EmptyRows
        title={t.empty}
        text={t.emptyText}
        action={mayOpen ? <Button onClick={() => setOpening(true)}>{t.open}</Button> : undefined}
      />
    );
  return (
    <PageFrame
      title={t.title}
      actions={mayOpen ? <Button onClick={() => setOpening(true)}>{t.open}</Button> : undefined}
    >
      <DataTable
        name="accounts"
        label={t.title}
        columns={columns}
        data={data}
        rowId={(row) => row.id}
        sorting={{ id: here ?? 'name', isDown: filters.descending === 'true' }}
        onSort={({ id, isDown }) =>
          setFilters({ sort: SORTS[id] ?? '', descending: isDown ? 'true' : '' })
        }
        empty={empty}
        onOpen={(row) =>
          void navigate({ to: '/operator/accounts/$account', params: { account: row.id } })
        }
        toolbar={
          <FilterBar
            filters={[
              { name: 'search', label: t.search, placeholder: t.searchHint },
              { name: 'state', label: t.state, options: states },
            ]}
            values={filters}
            defaults={DEFAULTS}
            onChange={setFilters}
          />
        }
      />
      <FormModal opened={isOpening} onClose={() => setOpening(false)} title={t.open}>
        <OpenAccount onDone={() => setOpening(false)} />
      </FormModal>
    </PageFrame>
  );
}

function OpenAccount({ onDone }: { onDone: () => void }) {
  const t = useWords(words);
  const { symbol } = useCurrency();
  const queries = useQueryClient();
  const mayGive = useMay('owner', 'finance');
  const form = useForm({
    initialValues: { name: '', grant: '' },
    validate: {
      name: (value) => (value.trim() === '' ? t.shell.required : null),
      grant: (value) => (value === '' || (microsOf(value) ?? -1) >= 0 ? null : t.shell.notAnAmount),
    },
  });
  const opening = useSubmit(form, async ({ name, grant }) => {
    const body = { name: name.trim(), grant: grant === '' ? 0 : (microsOf(grant) ?? 0) };
    await call(api.POST('/api/operator/accounts', { body }));
    await queries.invalidateQueries({ queryKey: ['operator', 'accounts'] });
    toastDone(t.opened(body.name));
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit((values) => void opening.submit(values))}>
      <Stack>
        <TextInput label={t.shell.name} data-autofocus {...form.getInputProps('name')} />
        {mayGive && (
          <TextInput
            label={`${t.grant} (${symbol})`}
            inputMode="decimal"
            description={t.grantHint}
            {...form.getInputProps('grant')}
          />
        )}
        <Refusal text={opening.refused} />
        <Group justify="flex-end">
          <Button type="submit" loading={opening.isBusy}>
            {t.open}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
