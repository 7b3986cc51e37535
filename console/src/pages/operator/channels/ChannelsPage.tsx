// Channels to upstreams: what they serve, bring in and cost; add, edit, test with a real tiny
// request, switch off, and undo that.
import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { api, call } from '~/api/client';
import type { ChannelView, Listed } from '~/api/types';
import { useFilters } from '~/data/filters';
import { rowsOf } from '~/data/rows';
import { useWords } from '~/i18n';
import { useMay } from '~/shell/may';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { FormDrawer, Modal } from '~/ui/dialogs';
import { FilterBar } from '~/ui/FilterBar';
import { PageFrame } from '~/ui/PageFrame';
import { LoadingState } from '~/ui/States';
import { DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastDone, toastRefused } from '~/ui/toast';
import { useChannelColumns } from './columns';
import { RemoveDialog } from './RemoveDialog';
import { TestPanel } from './TestPanel';
import { words } from './words';

// The form is a script of its own, fetched when it is opened.
const ChannelForm = lazy(async () => ({
  default: (await import('./ChannelForm')).ChannelForm,
}));

const KEY = ['operator', 'channels'];
const DEFAULTS = { search: '' };

export default function ChannelsPage() {
  const t = useWords(words);
  const queries = useQueryClient();
  const mayEdit = useMay('owner');
  const closeLabel = useCloseLabel();
  const [filters, setFilters] = useFilters(DEFAULTS);
  const [editing, setEditing] = useState<ChannelView | 'new' | null>(null);
  const [removing, setRemoving] = useState<ChannelView | null>(null);
  const [testing, setTesting] = useState<ChannelView | null>(null);
  const query = useQuery({
    queryKey: KEY,
    queryFn: () => call<Listed<ChannelView>>(api.GET('/api/operator/channels')),
  });
  const change = async (channel: ChannelView, body: Record<string, unknown>) => {
    try {
      const asked = { params: { path: { channel: channel.id } }, body: body as never };
      await call(api.PATCH('/api/operator/channels/{channel}', asked));
      await queries.invalidateQueries({ queryKey: ['operator'] });
      return true;
    } catch (reason) {
      toastRefused(reason);
      return false;
    }
  };
  const turn = async (channel: ChannelView) => {
    const isOn = !channel.is_enabled;
    if (!(await change(channel, { is_enabled: isOn }))) return;
    const undo = () => void change(channel, { is_enabled: !isOn });
    toastDone(isOn ? t.turnedOn(channel.name) : t.turnedOff(channel.name), {
      label: t.undo,
      run: undo,
    });
  };
  const done = async (channel: ChannelView) => {
    setEditing(null);
    await queries.invalidateQueries({ queryKey: ['operator'] });
    toastDone(t.saved(channel.name));
    setTesting(channel);
  };
  const columns = useChannelColumns({
    onTest: setTesting,
    onRemove: setRemoving,
    onEdit: setEditing,
    onTurn: (channel) => void turn(channel),
    onSet: (channel, values) => void change(channel, values),
  });
  const add = mayEdit ? <Button onClick={() => setEditing('new')}>{t.add}</Button> : undefined;
  const text = filters.search.toLowerCase();
  const rows = rowsOf(query);
  const isNew = editing === 'new';
  return (
    <PageFrame title={t.title} intro={t.intro} actions={add}>
      <DataTable
        name="channels"
        label={t.title}
        columns={columns}
        data={{ ...rows, rows: rows.rows?.filter((row) => hasText(row, text)) }}
        rowId={(row) => row.id}
        {...(mayEdit ? { onOpen: setEditing } : {})}
        toolbar={
          <FilterBar
            filters={[{ name: 'search', label: t.search }]}
            values={filters}
            defaults={DEFAULTS}
            onChange={setFilters}
          />
        }
        empty={
          text === '' ? (
            <EmptyRows title={t.empty} text={t.emptyText} action={add} />
          ) : (
            <EmptyRows title={t.shell.noMatch} />
          )
        }
      />
      <FormDrawer
        opened={editing !== null}
        onClose={() => setEditing(null)}
        closeOnClickOutside={false}
        size="xl"
        title={isNew || editing === null ? t.add : t.editing(editing.name)}
      >
        {editing !== null && (
          <Suspense fallback={<LoadingState />}>
            <ChannelForm
              channel={isNew ? null : editing}
              onDone={(channel) => void done(channel)}
            />
          </Suspense>
        )}
      </FormDrawer>
      <RemoveDialog
        channel={removing}
        onClose={() => setRemoving(null)}
        onDone={() => queries.invalidateQueries({ queryKey: ['operator'] })}
      />
      <Modal
        opened={testing !== null}
        onClose={() => setTesting(null)}
        size="lg"
        title={testing ? t.testing(testing.name) : t.test}
        closeButtonProps={closeLabel}
      >
        {testing && <TestPanel channel={testing} />}
      </Modal>
    </PageFrame>
  );
}

function hasText(channel: ChannelView, text: string): boolean {
  const texts = [channel.name, channel.provider, channel.base_url];
  return [...texts, ...channel.models.map(({ model }) => model)].some((one) =>
    one.toLowerCase().includes(text),
  );
}
