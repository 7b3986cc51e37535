// The columns of the list of tokens, and the menu of what can be done to one.
import { Badge, Stack, Text } from '@mantine/core';
import type { ApiToken } from '~/api/types';
import { useWords } from '~/i18n';
import { Amount } from '~/ui/Amount';
import { Count } from '~/ui/Count';
import { RouterLink } from '~/ui/RouterLink';
import { RowMenu } from '~/ui/RowMenu';
import { Time } from '~/ui/Time';
import type { Column } from '~/ui/table/DataTable';
import { BudgetUse } from './BudgetUse';
import { useSwitchToken } from './changes';
import type { Choice } from './choice';
import { words } from './words';

const COLORS: Record<ApiToken['status'], string> = {
  active: 'green',
  disabled: 'gray',
  expired: 'orange',
  revoked: 'red',
};

interface Actions {
  onEdit: (token: ApiToken) => void;
  onChoose: (choice: Choice) => void;
}

export function useTokenColumns(actions: Actions): Column<ApiToken>[] {
  const t = useWords(words);
  return [
    {
      id: 'name',
      header: t.shell.name,
      cell: (row) => (
        <Stack gap={0} miw={120}>
          <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
            {row.name}
          </Text>
          <Text size="xs" c="dimmed" className="y-mono">
            {row.hint}
          </Text>
        </Stack>
      ),
    },
    {
      id: 'status',
      header: t.status,
      cell: (row) => (
        <Badge variant="light" color={COLORS[row.status]}>
          {t.statuses[row.status]}
        </Badge>
      ),
    },
    {
      id: 'models',
      header: t.models,
      cell: (row) => (row.models === null ? t.allModels : row.models.join(', ')),
    },
    { id: 'budget', header: t.budgets, cell: (row) => <BudgetUse budgets={row.budgets} /> },
    {
      id: 'spend',
      header: t.spendMonth,
      isRight: true,
      cell: (row) => (
        <RouterLink to="/logs" search={{ token: row.id } as never}>
          <Amount micros={row.spend_month} digits={6} />
        </RouterLink>
      ),
    },
    {
      id: 'used',
      header: t.lastUsed,
      cell: (row) =>
        row.last_used === null ? t.neverUsed : <Time at={row.last_used} show="ago" />,
    },
    {
      id: 'expires',
      header: t.expires,
      cell: (row) => (row.expires === null ? t.never : <Time at={row.expires} />),
    },
    {
      id: 'rpm',
      header: t.rpm,
      isRight: true,
      isHidden: true,
      cell: (row) => (row.rpm === null ? t.shell.none : <Count value={row.rpm} />),
    },
    {
      id: 'ips',
      header: t.allowIp,
      isHidden: true,
      cell: (row) => (row.allow_ip === null ? t.anywhere : row.allow_ip.join(', ')),
    },
    { id: 'created', header: t.created, isHidden: true, cell: (row) => <Time at={row.created} /> },
    {
      id: 'actions',
      header: '',
      isRight: true,
      cell: (row) => <TokenMenu token={row} {...actions} />,
    },
  ];
}

function TokenMenu({ token, onEdit, onChoose }: Actions & { token: ApiToken }) {
  const t = useWords(words);
  const turn = useSwitchToken();
  const isDisabled = token.status === 'disabled';
  if (token.status === 'revoked') return null;
  return (
    <RowMenu
      label={t.actionsFor(token.name)}
      parts={[
        {
          entries: [
            { label: t.shell.edit, run: () => onEdit(token) },
            { label: t.rotate, run: () => onChoose({ kind: 'rotate', token }) },
            {
              label: isDisabled ? t.enable : t.disable,
              run: () => void turn(token, !isDisabled),
            },
          ],
        },
        {
          entries: [
            {
              label: t.shell.remove,
              run: () => onChoose({ kind: 'remove', token }),
              isDangerous: true,
            },
          ],
        },
      ]}
    />
  );
}
