// A key that lives an hour and is made when first needed; `forget` after it was refused.
import { useMemo, useRef } from 'react';
import { api, call } from '~/api/client';
import type { PlaygroundKey } from '~/api/types';
import { useAccountId } from '~/shell/site';

const KEY_MARGIN_MS = 60_000;

export interface Keyring {
  now: () => Promise<string>;
  forget: () => void;
}

export function usePlaygroundKey(): Keyring {
  const account = useAccountId();
  const asked = useRef<Promise<PlaygroundKey> | null>(null);
  return useMemo(() => {
    const make = () => {
      const made = call<PlaygroundKey>(
        api.POST('/api/accounts/{account}/playground-key', { params: { path: { account } } }),
      );
      asked.current = made;
      made.catch(() => {
        asked.current = null;
      });
      return made;
    };
    return {
      now: async () => {
        const kept = await (asked.current ?? make());
        const isOld = Date.parse(kept.expires) - KEY_MARGIN_MS < Date.now();
        return (isOld ? await make() : kept).key;
      },
      forget: () => {
        asked.current = null;
      },
    };
  }, [account]);
}
