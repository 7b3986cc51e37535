// Deletes a token for good; its name must be typed.
import type { ApiToken } from '~/api/types';
import { useWords } from '~/i18n';
import { ConfirmDialog } from '~/ui/ConfirmDialog';
import { toastDone } from '~/ui/toast';
import { useTokenCalls } from './changes';
import { words } from './words';

export function RemoveDialog({ token, onClose }: { token: ApiToken | null; onClose: () => void }) {
  const t = useWords(words);
  const calls = useTokenCalls();
  const remove = async () => {
    if (token === null) return;
    await calls.remove(token.id);
    toastDone(t.removed(token.name));
  };
  return (
    <ConfirmDialog
      isOpen={token !== null}
      title={t.removeTitle}
      text={t.removeText}
      action={t.shell.remove}
      isDangerous
      typeToConfirm={token?.name ?? ''}
      onConfirm={remove}
      onClose={onClose}
    />
  );
}
