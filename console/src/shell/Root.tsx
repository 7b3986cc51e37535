// Around everything: what the shop is called must be known before a page is drawn.
import { Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { ErrorState, LoadingState } from '~/ui/States';
import { SiteProvider, useSiteQuery, ZoneProvider } from './site';

export function Root() {
  const site = useSiteQuery();
  useFocusOnNewPage();
  if (site.data)
    return (
      <SiteProvider site={site.data}>
        <ZoneProvider>
          <Outlet />
        </ZoneProvider>
      </SiteProvider>
    );
  if (site.error)
    return (
      <main>
        <ErrorState error={site.error} onRetry={() => void site.refetch()} />
      </main>
    );
  return (
    <main>
      <LoadingState />
    </main>
  );
}

/** After a change of page the heading has the focus, so that a screen reader reads it. */
function useFocusOnNewPage() {
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  const before = useRef(path);
  useEffect(() => {
    if (before.current !== undefined && path !== before.current) {
      requestAnimationFrame(focusTitle);
    }
    before.current = path;
  }, [path]);
}

/** Not when the page has put the cursor into its first field by itself. */
function focusTitle() {
  if (document.activeElement instanceof HTMLInputElement) return;
  document.getElementById('page-title')?.focus({ preventScroll: true });
}
