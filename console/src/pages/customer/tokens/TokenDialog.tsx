// Creates a token, or changes one. Only the name is required; the rest narrows what the
// token may do.
import { Button, Group } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { ApiToken } from '~/api/types';
import { useWords } from '~/i18n';
import { FormModal } from '~/ui/dialogs';
import { LoadingState } from '~/ui/States';
import { useSwitchToken } from './changes';
import type { TokenFormProps } from './TokenForm';
import { words } from './words';

const TokenForm = lazy(() => import('./TokenForm'));

export function TokenDialog({ isOpen, ...form }: TokenFormProps & { isOpen: boolean }) {
  const t = useWords(words);
  const turn = useSwitchToken();
  const isDisabled = form.token?.status === 'disabled';
  const title = form.token ? t.editTitle(form.token.name) : t.create;
  return (
    <FormModal opened={isOpen} onClose={form.onClose} title={title} size="lg">
      {form.token && form.token.status !== 'revoked' && (
        <Group mb="sm">
          <Button
            size="xs"
            variant="default"
            onClick={() => void turn(form.token as ApiToken, !isDisabled).then(form.onClose)}
          >
            {isDisabled ? t.enable : t.disable}
          </Button>
        </Group>
      )}
      <Suspense fallback={<LoadingState />}>
        <TokenForm {...form} />
      </Suspense>
    </FormModal>
  );
}
