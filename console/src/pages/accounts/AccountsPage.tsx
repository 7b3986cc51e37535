// All accounts: find one, open a new one.
import { Badge, Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { AccountItem, Listed } from '~/api/types';
import { asQuery, useFilters } from '~/app/filters';
import { useSubmit } from '~/app/form';
import { microsOf } from '~/app/format';
import { useMay } from '~/app/may';
import { useKeyset } from '~/app/rows';
import { useCurrency } from '~/app/site';
import { useTexts } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { Count } from '~/ui/Count';
import { type Column, DataTable, EmptyRows } from '~/ui/DataTable';
import { FilterBar } from '~/ui/FilterBar';
import { PageFrame } from '~/ui/PageFrame';
import { Refusal } from '~/ui/Refusal';
import { RouterLink } from '~/ui/RouterLink';
import { Time } from '~/ui/Time';
import { toastDone } from '~/ui/toast';

const DEFAULTS = { search: '' };

export default function AccountsPage() {
  const texts = useTexts();
  const t = texts.accounts;
  const navigate = useNavigate();
  const [filters, setFilters] = useFilters(DEFAULTS);
  const [isOpening, setOpening] = useState(false);
  const mayOpen = useMay('owner', 'support', 'finance');
  const data = useKeyset(['operator', 'accounts', filters], (after) =>
    call<Listed<AccountItem>>(api.GET('/api/operator/accounts', { params: { query: { ...asQuery(filters), after } } })));
  const columns: Column<AccountItem>[] = [
    { id: 'name', header: texts.shell.name, cell: (row) => (
      <Group gap="xs">
        <RouterLink to="/operator/accounts/$account" params={{ account: row.id }}>{row.name}</RouterLink>
        {row.is_suspended && <Badge color="red" variant="light">{t.suspended}</Badge>}
      </Group>
    ) },
    { id: 'balance', header: t.balance, isRight: true, cell: (row) => <Amount micros={row.balance} /> },
    { id: 'held', header: t.held, isRight: true, cell: (row) => <Amount micros={row.held} />, isHidden: true },
    { id: 'spend', header: t.spendMonth, isRight: true, cell: (row) => <Amount micros={row.spend_month} /> },
    { id: 'tokens', header: t.tokens, isRight: true, cell: (row) => <Count value={row.tokens} /> },
    { id: 'used', header: t.lastUsed, cell: (row) => <Time at={row.last_used} show="ago" /> },
    { id: 'created', header: t.created, cell: (row) => <Time at={row.created} />, isHidden: true },
  ];
  const empty = filters.search ? <EmptyRows title={texts.shell.noMatch} /> : (
    <EmptyRows title={t.empty} text={t.emptyText} action={mayOpen ? <Button onClick={() => setOpening(true)}>{t.open}</Button> : undefined} />
  );
  return (
    <PageFrame title={t.title} intro={t.intro} actions={mayOpen ? <Button onClick={() => setOpening(true)}>{t.open}</Button> : undefined}>
      <DataTable name="accounts" label={t.title} columns={columns} data={data} rowId={(row) => row.id} empty={empty}
        onOpen={(row) => void navigate({ to: '/operator/accounts/$account', params: { account: row.id } })}
        toolbar={<FilterBar filters={[{ name: 'search', label: t.search, placeholder: t.searchHint }]} values={filters} defaults={DEFAULTS} onChange={setFilters} />} />
      <Modal opened={isOpening} onClose={() => setOpening(false)} title={t.open} closeButtonProps={useCloseLabel()}>
        <OpenAccount onDone={() => setOpening(false)} />
      </Modal>
    </PageFrame>
  );
}

function OpenAccount({ onDone }: { onDone: () => void }) {
  const texts = useTexts();
  const t = texts.accounts;
  const { symbol } = useCurrency();
  const queries = useQueryClient();
  const mayGive = useMay('owner', 'finance');
  const form = useForm({
    initialValues: { name: '', grant: '' },
    validate: {
      name: (value) => (value.trim() === '' ? texts.shell.required : null),
      grant: (value) => (value === '' || (microsOf(value) ?? -1) >= 0 ? null : texts.shell.notAnAmount),
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
        <TextInput label={texts.shell.name} data-autofocus {...form.getInputProps('name')} />
        {mayGive && <TextInput label={`${t.grant} (${symbol})`} inputMode="decimal" description={t.grantHint} {...form.getInputProps('grant')} />}
        <Refusal text={opening.refused} />
        <Group justify="flex-end"><Button type="submit" loading={opening.isBusy}>{t.open}</Button></Group>
      </Stack>
    </form>
  );
}
