// Routes whose answers pages name themselves.
interface Operation {
  parameters: { query?: any; path?: any; header?: object; cookie?: object };
  requestBody?: { content: { 'application/json': any } };
  responses: { 200: { content: { 'application/json': any } } };
}

interface Operations {
  parameters: object;
  get: Operation;
  put: Operation;
  post: Operation;
  patch: Operation;
  delete: Operation;
}

export type Coming = Record<`/api/accounts/{account}/tokens${string}` | `/api/operator/local-servers`, Operations>;
