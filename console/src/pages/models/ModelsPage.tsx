// The models on offer, what they cost and what the account may ask of them now.
import { Badge, Group, Stack, Text } from '@mantine/core';
import type { OfferedModel, OfferedPrice } from '~/api/types';
import { useOfferedModels } from '~/app/account_data';
import { useFilters } from '~/app/filters';
import { price as priceText } from '~/app/format';
import { rowsOf } from '~/app/rows';
import { useCurrency } from '~/app/site';
import { useTexts } from '~/i18n';
import { CopyButton } from '~/ui/CopyButton';
import { Count } from '~/ui/Count';
import { type Column, DataTable, EmptyRows } from '~/ui/DataTable';
import { FilterBar } from '~/ui/FilterBar';
import { PageFrame } from '~/ui/PageFrame';
import { RouterButton } from '~/ui/RouterLink';

const DEFAULTS = { search: '' };

export default function ModelsPage() {
  const t = useTexts();
  const words = t.models;
  const query = useOfferedModels();
  const [filters, setFilters] = useFilters(DEFAULTS);
  const data = rowsOf(query);
  const wanted = filters.search.trim().toLowerCase();
  const rows = data.rows?.filter((model) => model.name.toLowerCase().includes(wanted));
  return (
    <PageFrame title={words.title} intro={words.intro}>
      <FilterBar filters={[{ name: 'search', label: words.search, placeholder: 'gpt' }]} values={filters} defaults={DEFAULTS} onChange={setFilters} />
      <DataTable name="models" label={words.title} columns={useColumns()} data={{ ...data, rows }} rowId={(row) => row.name}
        empty={wanted === ''
          ? <EmptyRows title={words.emptyTitle} text={words.emptyText} />
          : <EmptyRows title={t.shell.noMatch} />} />
    </PageFrame>
  );
}

function useColumns(): Column<OfferedModel>[] {
  const t = useTexts();
  const words = t.models;
  const limit = (value: number | null) => (value === null ? words.unlimited : <Count value={value} />);
  const size = (value: number | null) => (value === null ? t.shell.none : <Count value={value} />);
  return [
    { id: 'name', header: words.model, cell: (row) => (
      <Group gap="xs" wrap="nowrap">
        <span className="y-mono">{row.name}</span>
        <CopyButton value={row.name} label={words.copyName(row.name)} />
        {!row.is_available && <Badge color="orange" variant="light">{words.unavailable}</Badge>}
        {row.price.has_steps && <Badge color="gray" variant="light">{words.steps}</Badge>}
        {row.price.has_hours && <Badge color="gray" variant="light">{words.hours}</Badge>}
      </Group>
    ) },
    { id: 'input', header: words.input, isRight: true, cell: (row) => <Decimal of={row.price} kind="input" /> },
    { id: 'cached', header: words.cached, isRight: true, cell: (row) => <Decimal of={row.price} kind="cached_input" /> },
    { id: 'output', header: words.output, isRight: true, cell: (row) => <Decimal of={row.price} kind="output" /> },
    { id: 'written', header: words.written, isRight: true, isHidden: true, cell: (row) => <Decimal of={row.price} kind="cache_write" /> },
    { id: 'request', header: words.perRequest, isRight: true, isHidden: true, cell: (row) => <PerRequest of={row.price} /> },
    { id: 'rpm', header: words.rpm, isRight: true, cell: (row) => limit(row.limit_rpm) },
    { id: 'tpm', header: words.tpm, isRight: true, isHidden: true, cell: (row) => limit(row.limit_tpm) },
    { id: 'concurrency', header: words.concurrency, isRight: true, isHidden: true, cell: (row) => limit(row.concurrency) },
    { id: 'context', header: words.context, isRight: true, cell: (row) => size(row.context_tokens) },
    { id: 'longest', header: words.longest, isRight: true, isHidden: true, cell: (row) => size(row.max_output_tokens) },
    { id: 'try', header: '', isRight: true, cell: (row) => (
      <RouterButton to="/playground" search={{ model: row.name } as never} variant="default" size="xs" aria-label={words.tryModel(row.name)}>
        {words.tryIt}
      </RouterButton>
    ) },
  ];
}

function Decimal(props: { of: OfferedPrice; kind: 'input' | 'cached_input' | 'cache_write' | 'output' }) {
  const currency = useCurrency();
  const { factor } = props.of;
  return (
    <Stack gap={0} align="flex-end">
      <span className="y-number">{priceText(props.of[props.kind], currency)}</span>
      {factor !== '1' && <Text size="xs" c="dimmed">× {factor}</Text>}
    </Stack>
  );
}

function PerRequest({ of }: { of: OfferedPrice }) {
  const t = useTexts();
  const { unit } = useCurrency();
  return <span className="y-number">{of.request === '0' ? t.shell.none : `${of.request} ${unit}`}</span>;
}
