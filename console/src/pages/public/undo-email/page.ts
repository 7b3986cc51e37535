import { definePage } from '~/shell/definePage';

export const page = definePage({
  path: '/undo-email',
  load: () => import('./UndoEmailPage'),
});
