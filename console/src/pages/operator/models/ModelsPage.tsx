// Models and their prices: versions, a price from a later time on, what came in this month.
import { Badge, Button, Group, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Listed, OperatorModel } from '~/api/types';
import { useFilters } from '~/data/filters';
import { rowsOf } from '~/data/rows';
import { cachedShare, count, percent } from '~/format/format';
import { useWords } from '~/i18n';
import { useMay } from '~/shell/may';
import { useCurrency } from '~/shell/site';
import { Amount } from '~/ui/Amount';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { FormModal, Modal } from '~/ui/dialogs';
import { FilterBar } from '~/ui/FilterBar';
import { PageFrame } from '~/ui/PageFrame';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastDone } from '~/ui/toast';
import { ModelForm } from './ModelForm';
import { PricesPanel } from './PricesPanel';
import { words } from './words';

const DEFAULTS = { search: '' };

export default function ModelsPage() {
  const t = useWords(words);
  const [filters, setFilters] = useFilters(DEFAULTS);
  const { symbol } = useCurrency();
  const queries = useQueryClient();
  const mayEdit = useMay('owner', 'finance');
  const mayAdd = useMay('owner');
  const closeLabel = useCloseLabel();
  const [editing, setEditing] = useState<OperatorModel | 'new' | null>(null);
  const [shown, setShown] = useState<OperatorModel | null>(null);
  const query = useQuery({
    queryKey: ['operator', 'models'],
    queryFn: () => call<Listed<OperatorModel>>(api.GET('/api/operator/models')),
  });
  const done = async (name: string) => {
    setEditing(null);
    await queries.invalidateQueries({ queryKey: ['operator'] });
    toastDone(t.saved(name));
  };
  const columns: Column<OperatorModel>[] = [
    {
      id: 'name',
      header: t.model,
      cell: (row) => (
        <Group gap="xs">
          <Text fw={600}>{row.name}</Text>
          {!row.is_enabled && (
            <Badge color="gray" variant="light">
              {t.off}
            </Badge>
          )}
          {row.channels.length === 0 && row.is_enabled && (
            <Badge color="yellow" variant="light">
              {t.noChannel}
            </Badge>
          )}
        </Group>
      ),
    },
    {
      id: 'price',
      header: t.price,
      cell: (row) => (
        <>
          <span className="y-number">
            {symbol}
            {String(row.price.input)} / {symbol}
            {String(row.price.output)}
          </span>
          {row.next_price && (
            <Text size="sm" c="dimmed">
              {t.from} <Time at={row.next_price.effective_at} />: {symbol}
              {String(row.next_price.price.input)} / {symbol}
              {String(row.next_price.price.output)}
            </Text>
          )}
        </>
      ),
    },
    {
      id: 'rpm',
      header: t.rpm,
      isRight: true,
      cell: (row) => (row.rpm === null ? '—' : count(row.rpm)),
    },
    {
      id: 'context',
      header: t.context,
      isRight: true,
      isHidden: true,
      cell: (row) => (row.context_tokens === null ? '—' : count(row.context_tokens)),
    },
    {
      id: 'revenue',
      header: t.revenue,
      isRight: true,
      sort: (row) => row.margin_month.revenue,
      cell: (row) => <Amount micros={row.margin_month.revenue} digits={2} />,
    },
    {
      id: 'margin',
      header: t.margin,
      isRight: true,
      isFigure: true,
      sort: (row) => row.margin_month.margin ?? 0,
      cell: (row) =>
        row.margin_month.margin === null ? (
          t.shell.none
        ) : (
          <Amount micros={row.margin_month.margin} digits={2} />
        ),
    },
    {
      id: 'cached',
      header: t.cached,
      isRight: true,
      sort: (row) => cachedShare(row.margin_month),
      cell: (row) =>
        row.margin_month.input_tokens === 0 ? '—' : percent(cachedShare(row.margin_month)),
    },
    {
      id: 'channels',
      header: t.channels,
      cell: (row) => row.channels.map((channel) => channel.name).join(', ') || '—',
    },
    {
      id: 'do',
      header: '',
      isRight: true,
      cell: (row) => (
        <Group gap="xs" justify="flex-end">
          <Button size="compact-xs" variant="default" onClick={() => setShown(row)}>
            {t.versions}
          </Button>
          {mayEdit && (
            <Button size="compact-xs" variant="default" onClick={() => setEditing(row)}>
              {t.shell.edit}
            </Button>
          )}
        </Group>
      ),
    },
  ];
  const add = mayAdd ? <Button onClick={() => setEditing('new')}>{t.add}</Button> : undefined;
  const rows = rowsOf(query);
  const text = filters.search.toLowerCase();
  return (
    <PageFrame title={t.title} intro={t.intro} actions={add}>
      <DataTable
        name="operator-models"
        label={t.title}
        columns={columns}
        data={{ ...rows, rows: rows.rows?.filter((row) => row.name.toLowerCase().includes(text)) }}
        toolbar={
          <FilterBar
            filters={[{ name: 'search', label: t.search }]}
            values={filters}
            defaults={DEFAULTS}
            onChange={setFilters}
          />
        }
        rowId={(row) => row.name}
        empty={
          text === '' ? (
            <EmptyRows title={t.empty} text={t.emptyText} action={add} />
          ) : (
            <EmptyRows title={t.shell.noMatch} />
          )
        }
      />
      <FormModal
        opened={editing !== null}
        onClose={() => setEditing(null)}
        size="lg"
        title={editing === 'new' || editing === null ? t.add : t.editing(editing.name)}
      >
        <ModelForm model={editing === 'new' ? null : editing} onDone={(name) => void done(name)} />
      </FormModal>
      <Modal
        opened={shown !== null}
        onClose={() => setShown(null)}
        size="lg"
        title={shown ? t.versionsOf(shown.name) : t.versions}
        closeButtonProps={closeLabel}
      >
        {shown && <PricesPanel model={shown.name} />}
      </Modal>
    </PageFrame>
  );
}
