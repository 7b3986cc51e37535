// The account's API tokens: list, and the dialogs that create and change them.
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ApiToken, NewKey } from '~/api/types';
import { useApiTokens } from '~/app/account_data';
import { useFilters } from '~/app/filters';
import { rowsOf } from '~/app/rows';
import { useTexts } from '~/i18n';
import { DataTable, EmptyRows } from '~/ui/DataTable';
import { PageFrame } from '~/ui/PageFrame';
import { NewKeyDialog } from './NewKeyDialog';
import { RotateDialog } from './RotateDialog';
import { TokenDialog } from './TokenDialog';
import { RemoveDialog } from './RemoveDialog';
import { useTokenColumns } from './columns';

const DEFAULTS = { create: '', edit: '' };

export type Choice = { kind: 'rotate' | 'remove'; token: ApiToken };

export default function TokensPage() {
  const t = useTexts().tokens;
  const query = useApiTokens();
  const [open, setOpen] = useFilters(DEFAULTS);
  const [choice, setChoice] = useState<Choice | null>(null);
  const [made, setMade] = useState<NewKey | null>(null);
  const columns = useTokenColumns({ onEdit: (token) => setOpen({ edit: token.id }), onChoose: setChoice });
  const edited = query.data?.items.find((token) => token.id === open.edit);
  const shown = (key: NewKey) => {
    setOpen({ create: '' });
    setChoice(null);
    setMade(key);
  };
  const create = <Button onClick={() => setOpen({ create: '1' })}>{t.create}</Button>;
  return (
    <PageFrame title={t.title} intro={t.intro} actions={create}>
      <DataTable name="tokens" label={t.title} columns={columns} data={rowsOf(query)} rowId={(row) => row.id}
        onOpen={(row) => setOpen({ edit: row.id })} markedId={made?.id ?? null}
        empty={<EmptyRows title={t.emptyTitle} text={t.emptyText} action={create} />} />
      <TokenDialog isOpen={open.create !== ''} token={null} onClose={() => setOpen({ create: '' })} onMade={shown} />
      <TokenDialog key={edited?.id} isOpen={edited !== undefined} token={edited ?? null} onClose={() => setOpen({ edit: '' })} onMade={shown} />
      <NewKeyDialog made={made} onClose={() => setMade(null)} />
      <RotateDialog token={choice?.kind === 'rotate' ? choice.token : null} onClose={() => setChoice(null)} onMade={shown} />
      <RemoveDialog token={choice?.kind === 'remove' ? choice.token : null} onClose={() => setChoice(null)} />
    </PageFrame>
  );
}
