// The typed client of the console's own API. Its types are generated from the server's
// OpenAPI document when the console is built, so a route that changes fails to compile.
import createClient from 'openapi-fetch';
import { asProblem, problemOf } from './problem';
import { fetchProven } from './proof';
import type { paths } from './schema';

export const api = createClient<paths>({
  baseUrl: '',
  credentials: 'same-origin',
  headers: { accept: 'application/json' },
  fetch: fetchProven,
});

let language = 'en';

api.use({
  onRequest: ({ request }) => {
    request.headers.set('accept-language', language);
    // The server takes only JSON for writes, those without a body included.
    if (request.method !== 'GET') request.headers.set('content-type', 'application/json');
    return request;
  },
});

/** Choose the language in which the server words its refusals. */
export function speak(wanted: string): void {
  language = wanted;
}

let hearOfTerms: () => void = () => {};

/** Say who hears of terms that have changed while somebody was at work. */
export function onNewTerms(hear: () => void): void {
  hearOfTerms = hear;
}

/** What a call answered; raises a Problem when it was refused or got no answer. */
export async function call<Data>(
  asked: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<NonNullable<Data>> {
  let answer: { data?: Data; error?: unknown; response: Response };
  try {
    answer = await asked;
  } catch (reason) {
    throw asProblem(reason);
  }
  if (!answer.response.ok) {
    const problem = problemOf(answer.error, answer.response);
    if (problem.code === 'terms_required') hearOfTerms();
    throw problem;
  }
  return (answer.data ?? {}) as NonNullable<Data>;
}
