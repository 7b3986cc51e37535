// Requests of the shop by cursor.
import { api, call } from '~/api/client';
import type { Listed, RequestLine } from '~/api/types';
import { useKeyset } from '~/data/rows';

/** The requests that match, page by page. */
export function useRequests(asked: Record<string, string>) {
  return useKeyset<RequestLine>(['operator', 'requests', asked], (after) =>
    call<Listed<RequestLine>>(
      api.GET('/api/operator/requests', {
        params: { query: { ...asked, ...(after ? { after } : {}) } },
      }),
    ),
  );
}
