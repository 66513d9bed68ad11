// ApiClient: what sources and the controller ask of an API server, whatever carries it: HTTPS to a cluster, or a call into the
// embedded server. One interface, so that both run the same code.

export type ApiMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface ApiCall {
  readonly method: ApiMethod;
  /** e.g. `/apis/networking.k8s.io/v1/namespaces/shop/ingresses/web/status`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** JSON value. */
  readonly body?: unknown;
  /** Absent: `application/json`. */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
  /** Time for the whole call; absent: 30 s. */
  readonly timeoutMs?: number;
}

export interface ApiReply {
  readonly status: number;
  /** Parsed JSON; a Status object on refusals. Never changed by the receiver. */
  readonly value: unknown;
  /** From Retry-After; null: none. */
  readonly retryAfterMs: number | null;
}

export interface ApiWatchFrame {
  readonly type: string;
  readonly object: unknown;
}

/** The server could not be reached, did not answer in time, or broke off. Never carries credentials. */
export class ApiUnavailableError extends Error {}

/** The server refused with a Status. */
export class ApiStatusError extends Error {
  readonly status: number;
  /** e.g. `Expired`, `NotFound`, `Forbidden`; empty when it says none. */
  readonly reason: string;
  readonly retryAfterMs: number | null;

  constructor(status: number, reason: string, message: string, retryAfterMs: number | null = null) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface ApiClient {
  /** Resolves with any answer, refusals too. @throws {ApiUnavailableError} */
  call: (call: ApiCall) => Promise<ApiReply>;
  /**
   * Opens a watch; `call.timeoutMs` bounds the opening only. `onOpen` is called when the server has accepted it. Resolves when
   * the server ends the stream or `signal` aborts. @throws {ApiUnavailableError | ApiStatusError}
   */
  watch: (call: ApiCall, onFrame: (frame: ApiWatchFrame) => void, onOpen?: () => void) => Promise<void>;
}

/** The value of a 2xx answer. @throws {ApiStatusError} of any other. */
export function expectOk({ status, value, retryAfterMs }: ApiReply): unknown {
  if (status >= 200 && status < 300) return value;
  const body =
    typeof value === 'object' && value !== null ? (value as { message?: unknown; reason?: unknown }) : {};
  const message = typeof body.message === 'string' ? body.message : `the API server answered ${status}`;
  throw new ApiStatusError(status, typeof body.reason === 'string' ? body.reason : '', message, retryAfterMs);
}
