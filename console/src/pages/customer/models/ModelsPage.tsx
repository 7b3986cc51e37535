// The models on offer, what they cost and what the account may ask of them now.
import { Badge, Checkbox, Group, Stack, Text } from '@mantine/core';
import type { OfferedModel, OfferedPrice } from '~/api/types';
import { useOfferedModels } from '~/data/accountData';
import { useFilters } from '~/data/filters';
import { rowsOf } from '~/data/rows';
import { price as priceText } from '~/format/format';
import { useTexts, useWords } from '~/i18n';
import { useCurrency } from '~/shell/site';
import { CopyButton } from '~/ui/CopyButton';
import { Count } from '~/ui/Count';
import { FilterBar } from '~/ui/FilterBar';
import { PageFrame } from '~/ui/PageFrame';
import { RouterButton } from '~/ui/RouterLink';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { COMPARED_MAX, Comparison } from './Comparison';
import { words } from './words';

const DEFAULTS = { search: '', compare: '' };

export default function ModelsPage() {
  const t = useWords(words);
  const query = useOfferedModels();
  const [filters, setFilters] = useFilters(DEFAULTS);
  const data = rowsOf(query);
  const wanted = filters.search.trim().toLowerCase();
  const rows = data.rows?.filter((model) => model.name.toLowerCase().includes(wanted));
  const names = filters.compare.split(',').filter((name) => name !== '');
  const compared = (data.rows ?? []).filter((model) => names.includes(model.name));
  const turn = (name: string) => {
    const rest = names.filter((one) => one !== name);
    const next = rest.length < names.length ? rest : [...names, name].slice(-COMPARED_MAX);
    setFilters({ compare: next.join(',') });
  };
  return (
    <PageFrame title={t.title} intro={t.intro}>
      <FilterBar
        filters={[{ name: 'search', label: t.search, placeholder: 'gpt' }]}
        values={filters}
        defaults={DEFAULTS}
        onChange={setFilters}
      />
      {compared.length > 1 && (
        <Comparison models={compared} onClear={() => setFilters({ compare: '' })} />
      )}
      <DataTable
        name="models"
        label={t.title}
        columns={useColumns(names, turn)}
        data={{ ...data, rows }}
        rowId={(row) => row.name}
        empty={
          wanted === '' ? (
            <EmptyRows title={t.emptyTitle} text={t.emptyText} />
          ) : (
            <EmptyRows title={t.shell.noMatch} />
          )
        }
      />
    </PageFrame>
  );
}

function useColumns(compared: string[], turn: (name: string) => void): Column<OfferedModel>[] {
  const t = useWords(words);
  const limit = (value: number | null) => (value === null ? t.unlimited : <Count value={value} />);
  const size = (value: number | null) => (value === null ? t.shell.none : <Count value={value} />);
  return [
    {
      id: 'compare',
      header: t.compare,
      cell: (row) => (
        <Checkbox
          size="xs"
          aria-label={t.compareModel(row.name)}
          checked={compared.includes(row.name)}
          onChange={() => turn(row.name)}
        />
      ),
    },
    {
      id: 'name',
      header: t.model,
      sort: (row) => row.name,
      cell: (row) => (
        <Group gap="xs" wrap="nowrap">
          <span className="y-mono">{row.name}</span>
          <CopyButton value={row.name} label={t.copyName(row.name)} />
          {!row.is_available && (
            <Badge color="orange" variant="light">
              {t.unavailable}
            </Badge>
          )}
          {row.price.has_steps && (
            <Badge color="gray" variant="light">
              {t.steps}
            </Badge>
          )}
          {row.price.has_hours && (
            <Badge color="gray" variant="light">
              {t.hours}
            </Badge>
          )}
        </Group>
      ),
    },
    {
      id: 'input',
      header: t.input,
      isRight: true,
      sort: (row) => Number(row.price.input),
      cell: (row) => <Decimal of={row.price} kind="input" />,
    },
    {
      id: 'cached',
      header: t.cached,
      isRight: true,
      sort: (row) => Number(row.price.cached_input),
      cell: (row) => <Decimal of={row.price} kind="cached_input" />,
    },
    {
      id: 'output',
      header: t.output,
      isRight: true,
      sort: (row) => Number(row.price.output),
      cell: (row) => <Decimal of={row.price} kind="output" />,
    },
    {
      id: 'written',
      header: t.written,
      isRight: true,
      isHidden: true,
      cell: (row) => <Decimal of={row.price} kind="cache_write" />,
    },
    {
      id: 'request',
      header: t.perRequest,
      isRight: true,
      isHidden: true,
      cell: (row) => <PerRequest of={row.price} />,
    },
    {
      id: 'rpm',
      header: t.rpm,
      isRight: true,
      sort: (row) => row.limit_rpm ?? Infinity,
      cell: (row) => limit(row.limit_rpm),
    },
    {
      id: 'tpm',
      header: t.tpm,
      isRight: true,
      isHidden: true,
      cell: (row) => limit(row.limit_tpm),
    },
    {
      id: 'concurrency',
      header: t.concurrency,
      isRight: true,
      isHidden: true,
      cell: (row) => limit(row.concurrency),
    },
    {
      id: 'context',
      header: t.context,
      isRight: true,
      sort: (row) => row.context_tokens ?? 0,
      cell: (row) => size(row.context_tokens),
    },
    {
      id: 'longest',
      header: t.longest,
      isRight: true,
      isHidden: true,
      cell: (row) => size(row.max_output_tokens),
    },
    {
      id: 'try',
      header: '',
      isRight: true,
      cell: (row) => (
        <RouterButton
          to="/playground"
          search={{ model: row.name } as never}
          variant="default"
          size="xs"
          aria-label={t.tryModel(row.name)}
        >
          {t.tryIt}
        </RouterButton>
      ),
    },
  ];
}

function Decimal(props: {
  of: OfferedPrice;
  kind: 'input' | 'cached_input' | 'cache_write' | 'output';
}) {
  const currency = useCurrency();
  const { factor } = props.of;
  return (
    <Stack gap={0} align="flex-end">
      <span className="y-number">{priceText(props.of[props.kind], currency)}</span>
      {factor !== '1' && (
        <Text size="xs" c="dimmed">
          × {factor}
        </Text>
      )}
    </Stack>
  );
}

function PerRequest({ of }: { of: OfferedPrice }) {
  const t = useTexts();
  const { unit } = useCurrency();
  return (
    <span className="y-number">{of.request === '0' ? t.shell.none : `${of.request} ${unit}`}</span>
  );
}
