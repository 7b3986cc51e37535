// Creates a token, or changes one. Only the name is required; the rest narrows what the
// token may do.
import { Modal } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useTexts } from '~/i18n';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { LoadingState } from '~/ui/States';
import type { TokenFormProps } from './TokenForm';

const TokenForm = lazy(() => import('./TokenForm'));

export function TokenDialog({ isOpen, ...form }: TokenFormProps & { isOpen: boolean }) {
  const t = useTexts().tokens;
  const title = form.token ? t.editTitle(form.token.name) : t.create;
  return (
    <Modal opened={isOpen} onClose={form.onClose} title={title} size="lg" closeButtonProps={useCloseLabel()}>
      <Suspense fallback={<LoadingState />}><TokenForm {...form} /></Suspense>
    </Modal>
  );
}
