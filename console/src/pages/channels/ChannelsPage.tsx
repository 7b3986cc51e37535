// Channels to upstreams: add, edit, test with a real tiny request, switch off.
import { Button, Group, Modal, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { ChannelView, Listed } from '~/api/types';
import { useMay } from '~/app/may';
import { rowsOf } from '~/app/rows';
import { useTexts } from '~/i18n';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { type Column, DataTable, EmptyRows } from '~/ui/DataTable';
import { HealthBadge } from '~/ui/HealthBadge';
import { PageFrame } from '~/ui/PageFrame';
import { toastDone, toastRefused } from '~/ui/toast';
import { ChannelForm } from './ChannelForm';
import { TestPanel } from './TestPanel';

const KEY = ['operator', 'channels'];

export default function ChannelsPage() {
  const texts = useTexts();
  const t = texts.channels;
  const queries = useQueryClient();
  const mayEdit = useMay('owner');
  const mayTest = useMay('owner', 'support');
  const closeLabel = useCloseLabel();
  const [editing, setEditing] = useState<ChannelView | 'new' | null>(null);
  const [testing, setTesting] = useState<ChannelView | null>(null);
  const query = useQuery({ queryKey: KEY, queryFn: () => call<Listed<ChannelView>>(api.GET('/api/operator/channels')) });
  const turn = async (channel: ChannelView) => {
    try {
      const asked = { params: { path: { channel: channel.id } }, body: { is_enabled: !channel.is_enabled } };
      await call(api.PATCH('/api/operator/channels/{channel}', asked));
      await queries.invalidateQueries({ queryKey: ['operator'] });
      toastDone(channel.is_enabled ? t.turnedOff(channel.name) : t.turnedOn(channel.name));
    } catch (reason) {
      toastRefused(reason);
    }
  };
  const done = async (channel: ChannelView) => {
    setEditing(null);
    await queries.invalidateQueries({ queryKey: ['operator'] });
    toastDone(t.saved(channel.name));
    setTesting(channel);
  };
  const columns: Column<ChannelView>[] = [
    { id: 'name', header: texts.shell.name, cell: (row) => (
      <Group gap="xs">
        <HealthBadge channel={row} />
        <Text fw={600}>{row.name}</Text>
      </Group>
    ) },
    { id: 'provider', header: t.provider, cell: (row) => row.provider },
    { id: 'url', header: t.baseUrl, cell: (row) => <span className="y-mono">{row.base_url || '—'}</span> },
    { id: 'models', header: t.models, cell: (row) => row.models.map((model) => model.model).join(', ') },
    { id: 'keys', header: t.keys, cell: (row) => <span className="y-mono">{row.keys.map((key) => key.hint).join(' ') || '—'}</span> },
    { id: 'priority', header: t.priority, isRight: true, cell: (row) => row.priority, isHidden: true },
    { id: 'weight', header: t.weight, isRight: true, cell: (row) => row.weight, isHidden: true },
    { id: 'do', header: '', isRight: true, cell: (row) => (
      <Group gap="xs" justify="flex-end">
        {mayTest && <Button size="xs" variant="default" onClick={() => setTesting(row)}>{t.test}</Button>}
        {mayEdit && <Button size="xs" variant="default" onClick={() => setEditing(row)}>{texts.shell.edit}</Button>}
        {mayEdit && <Button size="xs" variant="default" onClick={() => void turn(row)}>{row.is_enabled ? t.turnOff : t.turnOn}</Button>}
      </Group>
    ) },
  ];
  const add = mayEdit ? <Button onClick={() => setEditing('new')}>{t.add}</Button> : undefined;
  return (
    <PageFrame title={t.title} intro={t.intro} actions={add}>
      <DataTable name="channels" label={t.title} columns={columns} data={rowsOf(query)} rowId={(row) => row.id}
        empty={<EmptyRows title={t.empty} text={t.emptyText} action={add} />} />
      <Modal opened={editing !== null} onClose={() => setEditing(null)} size="lg" closeButtonProps={closeLabel}
        title={editing === 'new' || editing === null ? t.add : t.editing(editing.name)}>
        <ChannelForm channel={editing === 'new' ? null : editing} onDone={(channel) => void done(channel)} />
      </Modal>
      <Modal opened={testing !== null} onClose={() => setTesting(null)} size="lg" title={testing ? t.testing(testing.name) : t.test} closeButtonProps={closeLabel}>
        {testing && <TestPanel channel={testing} />}
      </Modal>
    </PageFrame>
  );
}
