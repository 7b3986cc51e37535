// One request for operators: why it ended as it did and what helps, whose it was, what can be
// done about it (refund, disable the token), and everything that is kept of it.
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { RequestDetail as Detail, RequestLine } from '~/api/types';
import { useWords } from '~/i18n';
import { errorCodes } from '~/i18n/errorCodes';
import { Fact, Id, RequestDetail } from '~/pages/customer/logs/RequestDetail';
import { words as logWords } from '~/pages/customer/logs/words';
import { useMay } from '~/shell/may';
import { ConfirmDialog, useCloseLabel } from '~/ui/ConfirmDialog';
import { Drawer } from '~/ui/dialogs';
import { RouterLink } from '~/ui/RouterLink';
import { ErrorState, LoadingState } from '~/ui/States';
import { Time } from '~/ui/Time';
import { toastDone } from '~/ui/toast';
import { RefundDialog } from './RefundDialog';
import { words } from './words';

export function RequestDrawer(props: {
  requestId: string | null;
  /** Whether the refund is asked for as it opens. */
  isRefunding?: boolean;
  onClose: () => void;
}) {
  const log = useWords(logWords);
  return (
    <Drawer
      lockScroll={false}
      opened={props.requestId !== null}
      onClose={props.onClose}
      size="xl"
      title={log.detail}
      closeButtonProps={useCloseLabel()}
    >
      {props.requestId !== null && (
        <Body requestId={props.requestId} isRefunding={props.isRefunding ?? false} />
      )}
    </Drawer>
  );
}

function Body({ requestId, isRefunding }: { requestId: string; isRefunding: boolean }) {
  const query = useQuery({
    queryKey: ['operator', 'requests', 'one', requestId],
    queryFn: () =>
      call<Detail>(
        api.GET('/api/operator/requests/{request_id}', {
          params: { path: { request_id: requestId } },
        }),
      ),
  });
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingState rows={10} />;
  const { request, detail } = query.data;
  return (
    <Stack gap="lg">
      {request.code && <Why code={request.code} />}
      <Actions request={request} detail={detail} isRefunding={isRefunding} />
      <Whose request={request} isWhole={detail === null} />
      {detail && <RequestDetail detail={detail} />}
    </Stack>
  );
}

function Why({ code }: { code: string }) {
  const log = useWords(logWords);
  const about = useWords(errorCodes)[code];
  return (
    <Alert color="red" title={<span className="y-mono">{code}</span>}>
      {about && (
        <>
          <Text size="sm">{about.text}</Text>
          <Text size="sm" mt={4}>
            <strong>{log.cure}:</strong> {about.cure}
          </Text>
        </>
      )}
    </Alert>
  );
}

function Whose({ request, isWhole }: { request: RequestLine; isWhole: boolean }) {
  const t = useWords(words);
  return (
    <Stack gap={6}>
      <Fact label={t.account}>
        {request.account_id ? (
          <RouterLink
            to="/operator/accounts/$account"
            params={{ account: request.account_id } as never}
          >
            {request.account ?? request.account_id}
          </RouterLink>
        ) : (
          t.unknown
        )}
      </Fact>
      {isWhole && (
        <>
          <Fact label={t.token}>{request.token ?? t.unknown}</Fact>
          <Fact label={t.model}>
            <span className="y-mono">{request.model || t.shell.none}</span>
          </Fact>
          <Fact label={t.status}>
            {request.status} · <Time at={request.at} />
          </Fact>
          <Id label={t.requestId} value={request.request_id} />
          <Text size="sm" c="dimmed">
            {t.refused}
          </Text>
        </>
      )}
    </Stack>
  );
}

function Actions(props: { request: RequestLine; detail: Detail['detail']; isRefunding: boolean }) {
  const { request, detail } = props;
  const t = useWords(words);
  const queries = useQueryClient();

  const mayCare = useMay('owner', 'support');
  const mayRefund = useMay('owner', 'finance');
  const isRefunded = detail?.entries.some((entry) => entry.kind === 'refund') ?? false;
  const isAsked = props.isRefunding && mayRefund && request.charge > 0 && !isRefunded;
  const [open, setOpen] = useState<'refund' | 'disable' | null>(isAsked ? 'refund' : null);
  const { account_id: account, token_id: token, token: name } = request;
  const canDisable = mayCare && account !== null && token !== null && name !== null;
  const close = () => {
    setOpen(null);
    void queries.invalidateQueries({ queryKey: ['operator'] });
  };
  const disable = async () => {
    await call(
      api.PATCH('/api/accounts/{account}/tokens/{api_token}', {
        params: { path: { account: account ?? '', api_token: token ?? '' } },
        body: { is_disabled: true },
      }),
    );
    toastDone(t.tokenDisabled(name ?? ''));
  };
  return (
    <Group gap="xs">
      {mayRefund && request.charge > 0 && (
        <Button size="xs" variant="default" disabled={isRefunded} onClick={() => setOpen('refund')}>
          {isRefunded ? t.refunded : t.refund}
        </Button>
      )}
      {canDisable && (
        <Button size="xs" variant="default" onClick={() => setOpen('disable')}>
          {t.disableToken}
        </Button>
      )}
      <RefundDialog request={open === 'refund' ? request : null} onClose={close} />
      <ConfirmDialog
        isOpen={open === 'disable'}
        title={t.disableToken}
        text={t.disableTokenText(name ?? '')}
        action={t.disableToken}
        isDangerous
        onConfirm={disable}
        onClose={close}
      />
    </Group>
  );
}
