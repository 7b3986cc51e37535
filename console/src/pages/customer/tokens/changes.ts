// The calls that change a token. Each of them makes the list ask again.
import { useQueryClient } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { ApiToken, NewKey, NewToken, TokenChange } from '~/api/types';
import { useWords } from '~/i18n';
import { useAccountId } from '~/shell/site';
import { toastDone, toastRefused } from '~/ui/toast';
import { words } from './words';

export type Overlap = 0 | 3_600 | 86_400 | 604_800;

export function useTokenCalls() {
  const account = useAccountId();
  const queries = useQueryClient();
  const again = async <Answer>(asked: Promise<Answer>): Promise<Answer> => {
    const answer = await asked;
    await queries.invalidateQueries({ queryKey: ['account', account] });
    return answer;
  };
  const path = (token: string) => ({ params: { path: { account, api_token: token } } });
  return {
    create: (body: NewToken) =>
      again(
        call<NewKey>(
          api.POST('/api/accounts/{account}/tokens', { params: { path: { account } }, body }),
        ),
      ),
    change: (token: string, body: Partial<TokenChange>) =>
      again(
        call<ApiToken>(
          api.PATCH('/api/accounts/{account}/tokens/{api_token}', {
            ...path(token),
            body: { budgets: [], ...body },
          }),
        ),
      ),
    rotate: (token: string, overlapSeconds: Overlap) =>
      again(
        call<NewKey>(
          api.POST('/api/accounts/{account}/tokens/{api_token}/rotate', {
            ...path(token),
            body: { overlap_seconds: overlapSeconds },
          }),
        ),
      ),
    remove: (token: string) =>
      again(call(api.DELETE('/api/accounts/{account}/tokens/{api_token}', path(token)))),
  };
}

/** Turns a token off and on again, saying so. */
export function useSwitchToken() {
  const t = useWords(words);
  const calls = useTokenCalls();
  return async (token: ApiToken, isDisabled: boolean) => {
    try {
      await calls.change(token.id, { is_disabled: isDisabled });
      toastDone(isDisabled ? t.disabled(token.name) : t.enabled(token.name));
    } catch (reason) {
      toastRefused(reason);
    }
  };
}
