// Every way in which a call can fail, as one thing that pages can show: the server's own
// code and request id where it answered, `network` where it did not.

export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly requestId: string | null;
  /** The field of a form that the server did not like, when it named one. */
  readonly field: string | null;
  readonly retryAfterSeconds: number | null;

  constructor(about: {
    code: string;
    message: string;
    status: number;
    requestId?: string | null;
    field?: string | null;
    retryAfterSeconds?: number | null;
  }) {
    super(about.message);
    this.code = about.code;
    this.status = about.status;
    this.requestId = about.requestId ?? null;
    this.field = about.field ?? null;
    this.retryAfterSeconds = about.retryAfterSeconds ?? null;
  }
}

interface ErrorBody {
  error?: { code?: string; message?: string; field?: string | null };
  request_id?: string;
}

export function problemOf(body: unknown, response: Response): Problem {
  const said = body as ErrorBody | null;
  const error = said?.error;
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new Problem({
    code: error?.code ?? `http_${response.status}`,
    message: error?.message ?? response.statusText,
    status: response.status,
    requestId: said?.request_id ?? response.headers.get('x-request-id'),
    field: error?.field ?? null,
    retryAfterSeconds: Number.isFinite(wait) ? wait : null,
  });
}

export function asProblem(reason: unknown): Problem {
  if (reason instanceof Problem) return reason;
  const message = reason instanceof Error ? reason.message : String(reason);
  return new Problem({
    code: reason instanceof TypeError ? 'network' : 'page_error',
    message,
    status: 0,
  });
}
