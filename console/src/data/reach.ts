// Pages are scripts of their own, fetched when they are first opened, and then the server may
// be away. The page that is open must survive that: only a server that answers, and so has
// been upgraded since, is a reason to load the whole console anew, which the router does.
import { Problem } from '~/api/problem';

async function isThere(): Promise<boolean> {
  return fetch('/api/site', { cache: 'no-store' }).then(
    () => true,
    () => false,
  );
}

/** Loads a page's script; raises a Problem `network` when the server is away. */
export function reaching<Page>(load: () => Promise<Page>): () => Promise<Page> {
  return async () => {
    try {
      return await load();
    } catch (reason) {
      if (await isThere()) throw reason;
      throw new Problem({ code: 'network', message: '', status: 0 });
    }
  };
}

/** Loads the console anew, but not into the browser's own page for servers that are away. */
export async function reloadWhenThere(): Promise<void> {
  if (await isThere()) window.location.reload();
}
