// Starts the console.
import '~/theme/kit.css';
import '~/theme/styles.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { asProblem } from '~/api/problem';
import { LateToasts } from '~/shell/LateToasts';
import { router } from '~/shell/router';
import { askFirst } from '~/shell/site';
import { BrandedTheme } from '~/theme/BrandedTheme';
import { SpeakingProvider } from './i18n';

const RETRIES = 2;
const FIRST_ANSWERS_MS = 100;

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

/**
 * On a slow line the first answers and the page's script have come before this script has: then
 * the page is drawn once, whole. Else the frame is drawn, and they are drawn when they come.
 */
async function firstAnswers(): Promise<void> {
  const tooLong = new Promise((done) => setTimeout(done, FIRST_ANSWERS_MS));
  await Promise.race([Promise.allSettled([askFirst(queries), router.load()]), tooLong]);
}

async function start(): Promise<void> {
  const nonce = styleNonce();
  Object.assign(globalThis, { __webpack_nonce__: nonce }); // where the kit's scroll lock looks
  const root = document.getElementById('root');
  if (root === null) return;
  await firstAnswers();
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <BrandedTheme nonce={nonce}>
          <SpeakingProvider>
            <LateToasts />
            <RouterProvider router={router} />
          </SpeakingProvider>
        </BrandedTheme>
      </QueryClientProvider>
    </StrictMode>,
  );
}

void start();
