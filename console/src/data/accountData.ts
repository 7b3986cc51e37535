// What several customer pages ask: the overview, the tokens, the models on offer.
import { useQuery } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { ApiToken, OfferedModel, Overview } from '~/api/types';
import { useAccountId } from '~/shell/site';

export function useOverview(everyMs?: number) {
  const account = useAccountId();
  return useQuery({
    queryKey: ['account', account, 'overview'],
    queryFn: () =>
      call<Overview>(
        api.GET('/api/accounts/{account}/overview', { params: { path: { account } } }),
      ),
    refetchInterval: everyMs ?? false,
  });
}

export function useApiTokens() {
  const account = useAccountId();
  return useQuery({
    queryKey: ['account', account, 'tokens'],
    queryFn: () =>
      call<{ items: ApiToken[] }>(
        api.GET('/api/accounts/{account}/tokens', { params: { path: { account } } }),
      ),
  });
}

export function useOfferedModels() {
  const account = useAccountId();
  return useQuery({
    queryKey: ['account', account, 'models'],
    queryFn: () =>
      call<{ items: OfferedModel[] }>(
        api.GET('/api/accounts/{account}/models', { params: { path: { account } } }),
      ),
  });
}
