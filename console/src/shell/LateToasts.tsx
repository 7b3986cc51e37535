// Where short messages appear is a chunk of its own: it comes when the first page has its data and
// the browser nothing to do. What is to be said before is kept until then.
import { lazy, Suspense } from 'react';
import { useWasQuiet } from '~/ui/later';

const Toasts = lazy(() => import('./Toasts'));

export function LateToasts() {
  if (!useWasQuiet()) return null;
  return (
    <Suspense fallback={null}>
      <Toasts />
    </Suspense>
  );
}
