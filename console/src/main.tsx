// Starts the console: the language's texts first, then the page.
import './app/kit.css';
import './app/styles.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { asProblem } from './api/problem';
import { router } from './app/router';
import { cssVariables, theme } from './app/theme';
import { firstLanguage, loadTexts, SpeakingProvider } from './i18n';

const RETRIES = 2;

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

async function start(): Promise<void> {
  const nonce = styleNonce();
  Object.assign(globalThis, { __webpack_nonce__: nonce }); // where the kit's scroll lock looks
  const language = firstLanguage();
  const texts = await loadTexts(language);
  const root = document.getElementById('root');
  if (root === null) return;
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" getStyleNonce={() => nonce}>
        <QueryClientProvider client={queries}>
          <SpeakingProvider language={language} texts={texts}>
            <Notifications position="bottom-right" />
            <RouterProvider router={router} />
          </SpeakingProvider>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}

void start();
