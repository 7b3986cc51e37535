// The account's requests, refused ones too.
import { useFilters } from '~/data/filters';
import { useWords } from '~/i18n';
import { useRequestColumns } from '~/pages/operator/requests/columns';
import { RequestDrawer } from '~/pages/operator/requests/RequestDrawer';
import { useRequests } from '~/pages/operator/requests/useRequests';
import { words } from '~/pages/operator/requests/words';
import { DataTable, EmptyRows } from '~/ui/table/DataTable';

const OPEN = { request: '' };

export function RequestsTab({ id }: { id: string }) {
  const t = useWords(words);
  const [open, setOpen] = useFilters(OPEN);
  const columns = useRequestColumns().filter((column) => column.id !== 'account');
  return (
    <>
      <DataTable
        name="account-requests"
        label={t.title}
        columns={columns}
        data={useRequests({ account: id })}
        rowId={(row) => row.request_id}
        csv={`/api/operator/requests.csv?account=${id}`}
        markedId={open.request || null}
        onOpen={(row) => setOpen({ request: row.request_id })}
        empty={<EmptyRows title={t.empty} text={t.emptyText} />}
      />
      <RequestDrawer requestId={open.request || null} onClose={() => setOpen({ request: '' })} />
    </>
  );
}
