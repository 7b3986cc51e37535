// The instances of payment methods: set up, tested, offered or not.
import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { api, call } from '~/api/client';
import type { Listed, MethodCheck, PaymentKind, PaymentMethod } from '~/api/types';
import { rowsOf } from '~/data/rows';
import { useWords } from '~/i18n';
import { useMay } from '~/shell/may';
import { CopyButton } from '~/ui/CopyButton';
import { FormModal } from '~/ui/dialogs';
import { PageFrame } from '~/ui/PageFrame';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastRefused } from '~/ui/toast';
import { MethodForm } from './MethodForm';
import { Outcome } from './Outcome';
import { words } from './words';

const KEY = ['operator', 'payment-methods'];

export default function PaymentMethodsPage() {
  const t = useWords(words);
  const queries = useQueryClient();
  const isOwner = useMay('owner');
  const mayTest = useMay('owner', 'finance');
  const [editing, setEditing] = useState<PaymentMethod | 'new' | null>(null);
  const [checked, setChecked] = useState<{ method: string; outcome: MethodCheck } | null>(null);
  const [busy, setBusy] = useState('');
  const query = useQuery({
    queryKey: KEY,
    queryFn: () => call<Listed<PaymentMethod>>(api.GET('/api/operator/payment-methods')),
  });
  const kinds = useQuery({
    queryKey: ['operator', 'payment-kinds'],
    queryFn: () => call<Listed<PaymentKind>>(api.GET('/api/operator/payment-kinds')),
  });
  const refresh = useCallback(() => {
    void queries.invalidateQueries({ queryKey: KEY, exact: true });
  }, [queries]);
  const act = async (row: PaymentMethod, action: () => Promise<unknown>) => {
    setBusy(row.id);
    try {
      await action();
      await queries.invalidateQueries({ queryKey: KEY });
    } catch (reason) {
      toastRefused(reason);
    } finally {
      setBusy('');
    }
  };
  const check = (row: PaymentMethod) =>
    act(row, async () => {
      const params = { path: { method: row.id } };
      const asked = api.POST('/api/operator/payment-methods/{method}/check', { params });
      setChecked({ method: row.id, outcome: await call<MethodCheck>(asked) });
    });
  const toggle = (row: PaymentMethod) => {
    const params = { path: { method: row.id } };
    return act(row, () =>
      call(
        row.enabled
          ? api.POST('/api/operator/payment-methods/{method}/disable', { params })
          : api.POST('/api/operator/payment-methods/{method}/enable', { params }),
      ),
    );
  };
  const titles = Object.fromEntries((kinds.data?.items ?? []).map((k) => [k.kind, k.title]));
  const columns: Column<PaymentMethod>[] = [
    {
      id: 'name',
      header: t.name,
      cell: (row) => (
        <Stack gap={0}>
          <Group gap={6} wrap="nowrap">
            <Text fw={600}>{row.name}</Text>
            <Badge color={row.enabled ? 'green' : 'gray'} variant="light">
              {row.enabled ? t.on : t.off}
            </Badge>
            {row.is_test && <Badge color="yellow">{t.isTest}</Badge>}
            {row.rests_until && (
              <Badge color="orange" title={t.restsHint}>
                {t.rests}
              </Badge>
            )}
          </Group>
          <Text c="dimmed">{titles[row.kind] ?? row.kind}</Text>
        </Stack>
      ),
    },
    {
      id: 'notify',
      header: t.notifyUrl,
      cell: (row) => (
        <Group gap={4} wrap="nowrap">
          <span className="y-mono" style={{ overflowWrap: 'anywhere' }}>
            {row.notify_url}
          </span>
          <CopyButton value={row.notify_url} />
        </Group>
      ),
    },
    {
      id: 'notified',
      header: t.notified,
      cell: (row) => (row.notified ? <Time at={row.notified} /> : t.never),
    },
    {
      id: 'do',
      header: '',
      isRight: true,
      cell: (row) => (
        <Group gap="xs" justify="flex-end">
          {mayTest && (
            <Button
              size="xs"
              variant="default"
              loading={busy === row.id}
              onClick={() => void check(row)}
            >
              {t.check}
            </Button>
          )}
          {isOwner && (
            <Button size="xs" variant="default" onClick={() => setEditing(row)}>
              {t.change}
            </Button>
          )}
          {(isOwner || (mayTest && row.enabled)) && (
            <Button size="xs" variant="default" onClick={() => void toggle(row)}>
              {row.enabled ? t.disable : t.enable}
            </Button>
          )}
        </Group>
      ),
    },
  ];
  const add = isOwner ? <Button onClick={() => setEditing('new')}>{t.add}</Button> : undefined;
  return (
    <PageFrame title={t.title} intro={t.intro} actions={add}>
      {checked && <Outcome checked={checked.outcome} method={checked.method} onArrived={refresh} />}
      <DataTable
        name="payment-methods"
        label={t.title}
        columns={columns}
        data={rowsOf(query)}
        rowId={(row) => row.id}
        empty={<EmptyRows title={t.empty} text={t.emptyText} action={add} />}
      />
      <FormModal
        opened={editing !== null}
        onClose={() => setEditing(null)}
        title={editing === 'new' ? t.add : t.change}
        size="lg"
      >
        {editing !== null && (
          <MethodForm
            kinds={kinds.data?.items ?? []}
            method={editing === 'new' ? null : editing}
            onDone={() => {
              setEditing(null);
              void queries.invalidateQueries({ queryKey: KEY });
            }}
          />
        )}
      </FormModal>
    </PageFrame>
  );
}
