// One request in a drawer. Its address can be kept and sent.

import { useQuery } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { LogDetail } from '~/api/types';
import { useWords } from '~/i18n';
import { useAccountId } from '~/shell/site';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { Drawer } from '~/ui/dialogs';
import { ErrorState, LoadingState } from '~/ui/States';
import { RequestDetail } from './RequestDetail';
import { words } from './words';

export function LogDrawer({
  requestId,
  onClose,
}: {
  requestId: string | null;
  onClose: () => void;
}) {
  const t = useWords(words);
  return (
    <Drawer
      lockScroll={false}
      opened={requestId !== null}
      onClose={onClose}
      position="right"
      size="xl"
      title={t.detail}
      closeButtonProps={useCloseLabel()}
    >
      {requestId !== null && <Body requestId={requestId} />}
    </Drawer>
  );
}

function Body({ requestId }: { requestId: string }) {
  const account = useAccountId();
  const query = useQuery({
    queryKey: ['account', account, 'log', requestId],
    queryFn: () =>
      call<LogDetail>(
        api.GET('/api/accounts/{account}/logs/{request_id}', {
          params: { path: { account, request_id: requestId } },
        }),
      ),
  });
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingState rows={10} />;
  return <RequestDetail detail={query.data} />;
}
