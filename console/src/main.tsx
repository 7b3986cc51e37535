// Starts the console.
import '~/theme/kit.css';
import '~/theme/styles.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { lazy, StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { asProblem } from '~/api/problem';
import { router } from '~/shell/router';
import { BrandedTheme } from '~/theme/BrandedTheme';
import { SpeakingProvider } from './i18n';

const RETRIES = 2;
const Toasts = lazy(() => import('~/shell/Toasts'));

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      refetchOnWindowFocus: false,
      retry: (failures, reason) => failures < RETRIES && asProblem(reason).status === 0,
    },
  },
});

/** The server's word for this answer, without which the browser refuses style elements. */
function styleNonce(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');
  return meta?.nonce ?? '';
}

function start(): void {
  const nonce = styleNonce();
  Object.assign(globalThis, { __webpack_nonce__: nonce }); // where the kit's scroll lock looks
  const root = document.getElementById('root');
  if (root === null) return;
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <BrandedTheme nonce={nonce}>
          <SpeakingProvider>
            <Suspense fallback={null}>
              <Toasts />
            </Suspense>
            <RouterProvider router={router} />
          </SpeakingProvider>
        </BrandedTheme>
      </QueryClientProvider>
    </StrictMode>,
  );
}

start();
