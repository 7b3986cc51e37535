// Services by which people sign in: set up from a preset, tested, offered or not.
import { Alert, Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Listed, ServiceChecked, ServicePreset, ServiceSetUp } from '~/api/types';
import { rowsOf } from '~/data/rows';
import { useWords } from '~/i18n';
import { useMay } from '~/shell/may';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { CopyButton } from '~/ui/CopyButton';
import { Modal } from '~/ui/dialogs';
import { PageFrame } from '~/ui/PageFrame';
import { RowButton } from '~/ui/RowButton';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastRefused } from '~/ui/toast';
import { ServiceForm } from './ServiceForm';
import { words } from './words';

const KEY = ['operator', 'sign-in-services'];

interface Outcome extends ServiceChecked {
  title: string;
}

export default function SignInServicesPage() {
  const t = useWords(words);
  const queries = useQueryClient();
  const isOwner = useMay('owner');
  const [editing, setEditing] = useState<ServiceSetUp | 'new' | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [busy, setBusy] = useState('');
  const query = useQuery({
    queryKey: KEY,
    queryFn: () => call<Listed<ServiceSetUp>>(api.GET('/api/operator/sign-in-services')),
  });
  const presets = useQuery({
    queryKey: ['operator', 'sign-in-presets'],
    queryFn: () => call<Listed<ServicePreset>>(api.GET('/api/operator/sign-in-presets')),
  });
  const changed = async () => {
    await Promise.all([
      queries.invalidateQueries({ queryKey: KEY }),
      queries.invalidateQueries({ queryKey: ['site'] }),
    ]);
  };
  const act = async (row: ServiceSetUp, action: () => Promise<unknown>) => {
    setBusy(row.name);
    try {
      await action();
      await changed();
    } catch (reason) {
      toastRefused(reason);
    } finally {
      setBusy('');
    }
  };
  const check = (row: ServiceSetUp) =>
    act(row, async () => {
      const params = { path: { service: row.name } };
      const found = await call<ServiceChecked>(
        api.POST('/api/operator/sign-in-services/{service}/check', { params }),
      );
      setOutcome({ ...found, title: row.title });
    });
  const turn = (row: ServiceSetUp) => {
    const params = { path: { service: row.name } };
    return act(row, () =>
      call(
        row.enabled
          ? api.POST('/api/operator/sign-in-services/{service}/disable', { params })
          : api.POST('/api/operator/sign-in-services/{service}/enable', { params }),
      ),
    );
  };
  const titles = Object.fromEntries((presets.data?.items ?? []).map((p) => [p.name, p.title]));
  const columns = useServiceColumns(titles, isOwner ? { busy, check, turn, setEditing } : null);
  const add = isOwner ? <Button onClick={() => setEditing('new')}>{t.add}</Button> : undefined;
  return (
    <PageFrame title={t.title} intro={t.intro} actions={add}>
      {outcome && (
        <Alert
          role="status"
          color={outcome.ok ? 'green' : 'red'}
          title={outcome.ok ? t.checkOk(outcome.title) : t.checkFailed(outcome.title)}
        >
          <Text size="sm">{outcome.ok ? t.checkOkText : outcome.reason}</Text>
        </Alert>
      )}
      <DataTable
        isPlain
        name="sign-in-services"
        label={t.title}
        columns={columns}
        data={rowsOf(query)}
        rowId={(row) => row.name}
        empty={<EmptyRows title={t.empty} text={t.emptyText} />}
      />
      <Modal
        opened={editing !== null}
        onClose={() => setEditing(null)}
        title={editing === 'new' ? t.add : t.change}
        size="lg"
        closeButtonProps={useCloseLabel()}
      >
        {editing !== null && presets.data && (
          <ServiceForm
            presets={presets.data.items}
            service={editing === 'new' ? null : editing}
            onDone={() => {
              setEditing(null);
              void changed();
            }}
          />
        )}
      </Modal>
    </PageFrame>
  );
}

interface Acts {
  busy: string;
  check: (row: ServiceSetUp) => Promise<void>;
  turn: (row: ServiceSetUp) => Promise<void>;
  setEditing: (row: ServiceSetUp) => void;
}

function useServiceColumns(
  titles: Record<string, string>,
  acts: Acts | null,
): Column<ServiceSetUp>[] {
  const t = useWords(words);
  const columns: Column<ServiceSetUp>[] = [
    {
      id: 'title',
      header: t.button,
      cell: (row) => (
        <Stack gap={0}>
          <Group gap={6}>
            <Text fw={600}>{row.title}</Text>
            <Badge color={row.enabled ? 'green' : 'gray'} variant="light">
              {row.enabled ? t.on : t.off}
            </Badge>
          </Group>
          <Text c="dimmed">
            {row.name} · {titles[row.preset] ?? row.preset}
          </Text>
        </Stack>
      ),
    },
    {
      id: 'callback',
      header: t.callback,
      cell: (row) => (
        <Group gap={4} wrap="nowrap">
          <span className="y-mono" style={{ overflowWrap: 'anywhere' }}>
            {row.callback_url}
          </span>
          <CopyButton value={row.callback_url} label={`${t.shell.copy}: ${row.title}`} />
        </Group>
      ),
    },
    {
      id: 'domains',
      header: t.domains,
      cell: (row) => row.mail_domains.join(', ') || t.shell.none,
    },
  ];
  if (acts === null) return columns;
  const cell = (row: ServiceSetUp) => (
    <Group gap="xs" justify="flex-end">
      <RowButton
        label={t.check}
        of={row.title}
        loading={acts.busy === row.name}
        onClick={() => void acts.check(row)}
      />
      <RowButton label={t.change} of={row.title} onClick={() => acts.setEditing(row)} />
      <RowButton
        label={row.enabled ? t.disable : t.enable}
        of={row.title}
        onClick={() => void acts.turn(row)}
      />
    </Group>
  );
  return [...columns, { id: 'do', header: '', isRight: true, cell }];
}
