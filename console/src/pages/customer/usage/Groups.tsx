// The groups, ranked by what they cost; a row opens the requests behind it.
import { useNavigate } from '@tanstack/react-router';
import type { Usage } from '~/api/types';
import { useWords } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { Count } from '~/ui/Count';
import { RouterLink } from '~/ui/RouterLink';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import type { By } from './grouping';
import { words } from './words';

type Group = Usage['groups'][number];

interface GroupsProps {
  usage: Usage;
  by: By;
  filters: Record<string, string>;
  csv: string;
}

export function Groups({ usage, by, filters, csv }: GroupsProps) {
  const t = useWords(words);
  const navigate = useNavigate();
  const searchOf = (group: Group) => logsSearch(by, group.key, filters) as never;
  const columns: Column<Group>[] = [
    {
      id: 'label',
      header: t.bys[by],
      cell: (row) => (
        <RouterLink to="/logs" search={searchOf(row)}>
          {by === 'status' ? statusText(row, t) : row.label}
        </RouterLink>
      ),
    },
    {
      id: 'charge',
      header: t.spend,
      isRight: true,
      cell: (row) => <Amount micros={row.charge} digits={6} />,
    },
    {
      id: 'requests',
      header: t.requests,
      isRight: true,
      cell: (row) => <Count value={row.requests} />,
    },
    { id: 'errors', header: t.errors, isRight: true, cell: (row) => <Count value={row.errors} /> },
    {
      id: 'input',
      header: t.inputTokens,
      isRight: true,
      cell: (row) => <Count value={row.input_tokens} />,
    },
    {
      id: 'cached',
      header: t.cached,
      isRight: true,
      isHidden: true,
      cell: (row) => <Count value={row.cached_input_tokens} />,
    },
    {
      id: 'written',
      header: t.cacheWritten,
      isRight: true,
      isHidden: true,
      cell: (row) => <Count value={row.cache_write_tokens} />,
    },
    {
      id: 'output',
      header: t.outputTokens,
      isRight: true,
      cell: (row) => <Count value={row.output_tokens} />,
    },
    {
      id: 'reasoning',
      header: t.reasoning,
      isRight: true,
      isHidden: true,
      cell: (row) => <Count value={row.reasoning_tokens} />,
    },
  ];
  return (
    <DataTable
      name={`usage.${by}`}
      label={t.ranked}
      columns={columns}
      csv={csv}
      rowId={(row) => row.key}
      data={{
        rows: ranked(usage.groups, by),
        isLoading: false,
        error: null,
        retry: () => undefined,
      }}
      onOpen={(row) => void navigate({ to: '/logs', search: searchOf(row) })}
      empty={<EmptyRows title={t.emptyTitle} />}
    />
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
