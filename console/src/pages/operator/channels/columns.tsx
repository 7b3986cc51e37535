// The columns of the list of channels; priority and weight are changed in place.
import { Group, Text, TextInput } from '@mantine/core';
import type { ChannelView } from '~/api/types';
import { cachedShare, percent } from '~/format/format';
import { useWords } from '~/i18n';
import { useMay } from '~/shell/may';
import { Amount } from '~/ui/Amount';
import { Count } from '~/ui/Count';
import { HealthBadge } from '~/ui/HealthBadge';
import { RouterLink } from '~/ui/RouterLink';
import { RowMenu } from '~/ui/RowMenu';
import type { Column } from '~/ui/table/DataTable';
import { Day, LastError, useHistories } from './Day';
import { words } from './words';

interface Actions {
  onRemove: (channel: ChannelView) => void;
  onTest: (channel: ChannelView) => void;
  onEdit: (channel: ChannelView) => void;
  onTurn: (channel: ChannelView) => void;
  onSet: (channel: ChannelView, values: { priority?: number; weight?: number }) => void;
}

export function useChannelColumns(actions: Actions): Column<ChannelView>[] {
  const t = useWords(words);
  const days = useHistories();
  const mayEdit = useMay('owner');
  const number = (name: 'priority' | 'weight', header: string): Column<ChannelView> => ({
    id: name,
    header,
    isRight: true,
    sort: (row) => row[name],
    cell: (row) =>
      mayEdit ? (
        <Inline
          key={row[name]}
          label={`${row.name}: ${header}`}
          value={row[name]}
          onSet={(value) => actions.onSet(row, { [name]: value })}
        />
      ) : (
        row[name]
      ),
  });
  return [
    {
      id: 'name',
      header: t.shell.name,
      sort: (row) => row.name,
      cell: (row) => (
        <Group gap="xs" wrap="nowrap">
          <Text fw={600}>{row.name}</Text>
          {(!row.is_enabled || row.health !== 'ok') && <HealthBadge channel={row} />}
        </Group>
      ),
    },
    {
      id: 'provider',
      header: t.provider,
      sort: (row) => row.provider,
      cell: (row) => row.provider,
    },
    {
      id: 'models',
      header: t.models,
      isRight: true,
      sort: (row) => row.models.length,
      cell: (row) => (
        <span title={row.models.map(({ model }) => model).join(', ')}>
          <Count value={row.models.length} />
        </span>
      ),
    },
    number('priority', t.priority),
    number('weight', t.weight),
    {
      id: 'revenue',
      header: t.revenue,
      isRight: true,
      sort: (row) => row.margin_month.revenue,
      cell: (row) => <Amount micros={row.margin_month.revenue} digits={2} />,
    },
    {
      id: 'cost',
      header: t.cost,
      isRight: true,
      isHidden: true,
      sort: (row) => row.margin_month.cost,
      cell: (row) => <Amount micros={row.margin_month.cost} digits={2} />,
    },
    {
      id: 'margin',
      header: t.margin,
      isRight: true,
      isFigure: true,
      sort: (row) => row.margin_month.margin ?? 0,
      cell: (row) => <Margin value={row.margin_month.margin} none={t.shell.none} />,
    },
    {
      id: 'cached',
      header: t.cached,
      isRight: true,
      isHidden: true,
      sort: (row) => cachedShare(row.margin_month),
      cell: (row) =>
        row.margin_month.input_tokens === 0 ? '—' : percent(cachedShare(row.margin_month)),
    },
    {
      id: 'hour',
      header: t.hour,
      sort: (row) => row.errors_hour,
      cell: (row) => (
        <RouterLink
          to="/operator/requests"
          search={{ channel: row.name, range: 'd1' } as never}
          c={row.errors_hour > 0 ? 'red' : undefined}
        >
          {t.calls(row.requests_hour, row.errors_hour)}
        </RouterLink>
      ),
    },
    { id: 'day', header: t.day, cell: (row) => <Day day={days?.get(row.id)} /> },
    {
      id: 'last',
      header: t.lastError,
      isHidden: true,
      cell: (row) => <LastError channel={row} day={days?.get(row.id)} />,
    },
    {
      id: 'keys',
      header: t.keys,
      isHidden: true,
      cell: (row) => <span className="y-mono">{row.keys.map((key) => key.hint).join(' ')}</span>,
    },
    {
      id: 'url',
      header: t.baseUrl,
      isHidden: true,
      cell: (row) => <span className="y-mono">{row.base_url || t.shell.none}</span>,
    },
    { id: 'do', header: '', isRight: true, cell: (row) => <Actions row={row} {...actions} /> },
  ];
}

function Margin({ value, none }: { value: number | null; none: string }) {
  if (value === null) return none;
  return (
    <Text span inherit c={value < 0 ? 'red' : undefined}>
      <Amount micros={value} digits={2} />
    </Text>
  );
}

function Inline(props: { label: string; value: number; onSet: (value: number) => void }) {
  const save = (text: string) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value !== props.value) props.onSet(value);
  };
  return (
    <TextInput
      size="xs"
      w={56}
      ml="auto"
      inputMode="numeric"
      aria-label={props.label}
      defaultValue={String(props.value)}
      onBlur={(event) => save(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') save(event.currentTarget.value);
      }}
    />
  );
}

function Actions({ row, onTest, onEdit, onTurn, onRemove }: Actions & { row: ChannelView }) {
  const t = useWords(words);
  const mayEdit = useMay('owner');
  const mayTest = useMay('owner', 'support');
  if (!mayEdit && !mayTest) return null;
  return (
    <RowMenu
      label={t.actionsFor(row.name)}
      parts={[
        {
          entries: [
            ...(mayTest ? [{ label: t.test, run: () => onTest(row) }] : []),
            ...(mayEdit
              ? [
                  { label: t.shell.edit, run: () => onEdit(row) },
                  { label: row.is_enabled ? t.turnOff : t.turnOn, run: () => onTurn(row) },
                  { label: t.remove, run: () => onRemove(row), isDangerous: true },
                ]
              : []),
          ],
        },
      ]}
    />
  );
}
