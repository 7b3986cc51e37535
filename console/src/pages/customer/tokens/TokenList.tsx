// An account's API tokens: list, and the dialogs that create and change them.
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { NewKey } from '~/api/types';
import { useApiTokens } from '~/data/accountData';
import { useFilters } from '~/data/filters';
import { rowsOf } from '~/data/rows';
import { useWords } from '~/i18n';
import { DataTable, EmptyRows } from '~/ui/table/DataTable';
import type { Choice } from './choice';
import { useTokenColumns } from './columns';
import { NewKeyDialog } from './NewKeyDialog';
import { RemoveDialog } from './RemoveDialog';
import { RotateDialog } from './RotateDialog';
import { TokenDialog } from './TokenDialog';
import { words } from './words';

const DEFAULTS = { create: '', edit: '', token: '' };

export function TokenList({ isCreateShown }: { isCreateShown?: boolean }) {
  const t = useWords(words);
  const query = useApiTokens();
  const [open, setOpen] = useFilters(DEFAULTS);
  const [choice, setChoice] = useState<Choice | null>(null);
  const [made, setMade] = useState<NewKey | null>(null);
  const columns = useTokenColumns({
    onEdit: (token) => setOpen({ edit: token.id }),
    onChoose: setChoice,
  });
  const edited = query.data?.items.find((token) => token.id === open.edit);
  const shown = (key: NewKey) => {
    setOpen({ create: '' });
    setChoice(null);
    setMade(key);
  };
  const create = <Button onClick={() => setOpen({ create: '1' })}>{t.create}</Button>;
  return (
    <>
      <DataTable
        name="tokens"
        label={t.title}
        columns={columns}
        data={rowsOf(query)}
        rowId={(row) => row.id}
        onOpen={(row) => setOpen({ edit: row.id })}
        markedId={made?.id ?? (open.token || null)}
        toolbar={isCreateShown ? create : undefined}
        empty={<EmptyRows title={t.emptyTitle} text={t.emptyText} action={create} />}
      />
      <TokenDialog
        isOpen={open.create !== ''}
        token={null}
        onClose={() => setOpen({ create: '' })}
        onMade={shown}
      />
      <TokenDialog
        key={edited?.id}
        isOpen={edited !== undefined}
        token={edited ?? null}
        onClose={() => setOpen({ edit: '' })}
        onMade={shown}
      />
      <NewKeyDialog made={made} onClose={() => setMade(null)} />
      <RotateDialog
        token={choice?.kind === 'rotate' ? choice.token : null}
        onClose={() => setChoice(null)}
        onMade={shown}
      />
      <RemoveDialog
        token={choice?.kind === 'remove' ? choice.token : null}
        onClose={() => setChoice(null)}
      />
    </>
  );
}
