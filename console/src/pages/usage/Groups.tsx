// The groups, ranked by what they cost; a row opens the requests behind it.
import { useNavigate } from '@tanstack/react-router';
import type { Usage } from '~/api/types';
import { useTexts } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { Count } from '~/ui/Count';
import { type Column, DataTable, EmptyRows } from '~/ui/DataTable';
import { RouterLink } from '~/ui/RouterLink';
import type { By } from './UsagePage';

type Group = Usage['groups'][number];

interface GroupsProps {
  usage: Usage;
  by: By;
  filters: Record<string, string>;
  csv: string;
}

export function Groups({ usage, by, filters, csv }: GroupsProps) {
  const t = useTexts();
  const words = t.usage;
  const navigate = useNavigate();
  const searchOf = (group: Group) => logsSearch(by, group.key, filters) as never;
  const columns: Column<Group>[] = [
    { id: 'label', header: words.bys[by], cell: (row) => (
      <RouterLink to="/logs" search={searchOf(row)}>{by === 'status' ? statusText(row, words) : row.label}</RouterLink>
    ) },
    { id: 'charge', header: words.spend, isRight: true, cell: (row) => <Amount micros={row.charge} /> },
    { id: 'requests', header: words.requests, isRight: true, cell: (row) => <Count value={row.requests} /> },
    { id: 'errors', header: words.errors, isRight: true, cell: (row) => <Count value={row.errors} /> },
    { id: 'input', header: words.inputTokens, isRight: true, cell: (row) => <Count value={row.input_tokens} /> },
    { id: 'cached', header: words.cached, isRight: true, isHidden: true, cell: (row) => <Count value={row.cached_input_tokens} /> },
    { id: 'written', header: words.cacheWritten, isRight: true, isHidden: true, cell: (row) => <Count value={row.cache_write_tokens} /> },
    { id: 'output', header: words.outputTokens, isRight: true, cell: (row) => <Count value={row.output_tokens} /> },
    { id: 'reasoning', header: words.reasoning, isRight: true, isHidden: true, cell: (row) => <Count value={row.reasoning_tokens} /> },
  ];
  return (
    <DataTable name={`usage.${by}`} label={words.ranked} columns={columns} csv={csv} rowId={(row) => row.key}
      data={{ rows: ranked(usage.groups, by), isLoading: false, error: null, retry: () => undefined }}
      onOpen={(row) => void navigate({ to: '/logs', search: searchOf(row) })}
      empty={<EmptyRows title={words.emptyTitle} />} />
  );
}

function ranked(groups: Group[], by: By): Group[] {
  if (by === 'day') return [...groups].sort((a, b) => b.key.localeCompare(a.key));
  return [...groups].sort((a, b) => b.charge - a.charge || b.requests - a.requests);
}

function statusText(group: Group, words: { outcomes: Record<string, string> }): string {
  return words.outcomes[group.key] ?? group.label;
}

/** The filters of the log that show what a group sums up. */
function logsSearch(by: By, key: string, filters: Record<string, string>): Record<string, string> {
  const { range = '', since = '', until = '', model = '', token = '' } = filters;
  const search: Record<string, string> = { range, since, until, model, token };
  if (by === 'day') return { ...search, range: 'custom', since: key, until: key };
  return { ...search, [by === 'status' ? 'outcome' : by]: key };
}
