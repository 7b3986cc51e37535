// What came in: orders with filters in the address, what waits for a person, notifies that
// belong to no order, and the days that were compared.
import { Group, SegmentedControl } from '@mantine/core';
import { useFilters } from '~/data/filters';
import { useWords } from '~/i18n';
import { PageFrame } from '~/ui/PageFrame';
import { EmptyRows } from '~/ui/table/DataTable';
import { Days } from './Days';
import { Invoices } from './Invoices';
import { Orders } from './Orders';
import { Unmatched } from './Unmatched';
import { words } from './words';

const DEFAULTS = { tab: 'orders', state: '', method: '', test: '', older: '' };

export default function PaymentsPage() {
  const t = useWords(words);
  const [filters, setFilters] = useFilters(DEFAULTS);
  const tabs = Object.entries(t.tabs).map(([value, label]) => ({ value, label }));
  return (
    <PageFrame title={t.title} intro={t.intro}>
      <Group>
        <SegmentedControl
          aria-label={t.title}
          data={tabs}
          value={filters.tab}
          onChange={(tab) => setFilters({ ...DEFAULTS, tab })}
        />
      </Group>
      {filters.tab === 'orders' && (
        <Orders
          filters={filters}
          onFilters={(asked) => setFilters({ ...filters, ...asked })}
          empty={<EmptyRows title={t.empty} text={t.emptyText} />}
        />
      )}
      {filters.tab === 'review' && (
        <Orders
          filters={{ ...DEFAULTS, state: 'review' }}
          empty={<EmptyRows title={t.noReview} />}
        />
      )}
      {filters.tab === 'unmatched' && <Unmatched />}
      {filters.tab === 'days' && <Days />}
      {filters.tab === 'invoices' && <Invoices />}
    </PageFrame>
  );
}
