// Removes a channel with its keys and models; what it did stays.
import { api, call } from '~/api/client';
import type { ChannelView } from '~/api/types';
import { useWords } from '~/i18n';
import { ConfirmDialog } from '~/ui/ConfirmDialog';
import { toastDone } from '~/ui/toast';
import { words } from './words';

export function RemoveDialog(props: {
  channel: ChannelView | null;
  onClose: () => void;
  onDone: () => Promise<unknown>;
}) {
  const t = useWords(words);
  const { channel } = props;
  const remove = async () => {
    const params = { path: { channel: channel?.id ?? '' } };
    await call(api.DELETE('/api/operator/channels/{channel}', { params }));
    toastDone(t.removed(channel?.name ?? ''));
    await props.onDone();
  };
  return (
    <ConfirmDialog
      isOpen={channel !== null}
      title={t.removing(channel?.name ?? '')}
      text={t.removeText}
      action={t.remove}
      isDangerous
      typeToConfirm={channel?.name ?? ''}
      onConfirm={remove}
      onClose={props.onClose}
    />
  );
}
