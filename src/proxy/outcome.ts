// Outcome: the one table from what went wrong to what happens: status for the client, fate of its connection, whether another
// attempt may be made, how loud the log is. What the codec refuses has its own list (wire/http1/refusal.ts). A test walks the union
// and brings every kind about.

export type ProxyErrorKind = keyof typeof outcomes;

/**
 * `never`: the error is the answer. `unsent`: nothing of the request reached an endpoint, any method may be tried elsewhere.
 * `idempotent`: bytes were sent, no byte came back; only idempotent requests with a replayable body (RFC 9110 9.2.2).
 */
export type RetryRule = 'never' | 'unsent' | 'idempotent';

export interface Outcome {
  /** Sent if no response has begun; 0: none is sent, the connection just ends. */
  readonly status: number;
  /** Where the cause lies. */
  readonly side: 'downstream' | 'upstream' | 'internal';
  /** The client's connection ends after the answer. */
  readonly closes: boolean;
  readonly retry: RetryRule;
  readonly level: 'debug' | 'warn' | 'error';
  /** What the route must allow for a further attempt. */
  readonly condition: RetryCondition;
  /** Counts against the endpoint (endpoint-health.ts). */
  readonly blames: boolean;
}

export type RetryCondition = 'error' | 'timeout' | 'responseTimeout' | 'invalidHeader';

const final = { retry: 'never', condition: 'error', blames: false } as const;
const downstream = { ...final, side: 'downstream', level: 'debug', closes: true } as const;
const upstream = { ...final, side: 'upstream', level: 'warn', closes: false } as const;
const internal = { ...final, side: 'internal', level: 'error', closes: true } as const;
const slow = { status: 504, retry: 'idempotent', condition: 'responseTimeout', blames: true } as const;

export const outcomes = {
  /** The client's connection ended before the answer was complete (499 in the log only; rule K7). */
  'downstream-closed': { ...downstream, status: 499 },
  'head-timeout': { ...downstream, status: 408 },
  'body-timeout': { ...downstream, status: 408 },
  /** The client does not read its answer. */
  'send-stall': { ...downstream, status: 0 },
  'body-too-large': { ...downstream, status: 413 },
  /** The Base64 of a gRPC-Web request is none. */
  'grpc-web-body': { ...downstream, status: 400 },
  /** A handshake of a WebSocket whose key is none, where it is answered here. */
  'websocket-key': { ...downstream, status: 400, closes: false },
  /** A body of unknown length, and FastCGI must announce it (CONTENT_LENGTH). */
  'length-required': { ...downstream, status: 411, closes: false },
  /** Two readings of the path lead to different routes (rule N2). */
  'ambiguous-path': { ...downstream, status: 400 },
  'rewritten-path-invalid': { ...downstream, status: 400, closes: false },
  /** The Host is served under another TLS policy than this connection (rule S1, RFC 9110 15.5.20). */
  misdirected: { ...downstream, status: 421, closes: false },
  /** The Service, its port or all its ready endpoints are missing. */
  'no-endpoint': { ...upstream, status: 503, level: 'debug' },
  /** Descriptors, ports or the connection cap are used up here. */
  overload: { ...upstream, status: 503, retry: 'unsent' },
  'connect-refused': { ...upstream, status: 502, retry: 'unsent', blames: true },
  'connect-failed': { ...upstream, status: 502, retry: 'unsent', blames: true },
  'connect-timeout': { ...upstream, status: 504, retry: 'unsent', condition: 'timeout', blames: true },
  /**
   * The handshake failed, or the endpoint's certificate is not what was asked for (rule K8): nothing was sent. What was asked for is the
   * route's: another route may well be content with the endpoint, so it is not blamed.
   */
  'upstream-tls': { ...upstream, status: 502, retry: 'unsent' },
  /** The endpoint ended the connection by an alert after the handshake, for example for want of a client certificate. */
  'upstream-tls-alert': { ...upstream, status: 502 },
  /** The Secret for TLS to the upstream is missing, or TLS cannot be made of it. */
  'upstream-tls-secret': { ...upstream, status: 503 },
  /** An HTTP/2 endpoint has not looked at the request (RFC 9113 8.7): any method may be sent again. */
  'upstream-refused': { ...upstream, status: 502, retry: 'unsent', blames: true },
  /** The endpoint closed or reset before the first byte of a response. */
  'upstream-reset': { ...upstream, status: 502, retry: 'idempotent', blames: true },
  'upstream-send-timeout': { ...upstream, ...slow },
  'upstream-read-timeout': { ...upstream, ...slow },
  /** The client of gRPC said how long it waits (`grpc-timeout`). */
  'grpc-deadline': { ...upstream, status: 504 },
  'upstream-response-malformed': {
    ...upstream,
    status: 502,
    retry: 'idempotent',
    condition: 'invalidHeader',
    blames: true,
  },
  /** More than the route takes (`proxy-buffer-size`): another route may well be content, so the endpoint is not blamed. */
  'upstream-head-too-large': { ...upstream, status: 502, retry: 'idempotent', condition: 'invalidHeader' },
  /** The body broke off after the head was relayed: the client must see an incomplete message (rule R5). */
  'upstream-truncated': { ...upstream, status: 502, closes: true },
  'upgrade-unexpected': { ...upstream, status: 502 },
  /** A WebSocket, and the HTTP/2 endpoint has not announced that it takes any (RFC 8441 3). */
  'upgrade-unsupported': { ...upstream, status: 502 },
  internal: { ...internal, status: 500 },
} as const satisfies Record<string, Outcome>;

/** Maps the code of a socket error to an error kind, by whether the connection was established; `reached`: TCP was, TLS is not. */
export function errorKindOf(
  code: string | undefined,
  connected: boolean,
  reached: boolean = false,
): ProxyErrorKind {
  if (code === 'EMFILE' || code === 'ENFILE' || code === 'EADDRNOTAVAIL' || code === 'ENOBUFS')
    return 'overload';
  if (connected) return code?.startsWith('ERR_SSL_') === true ? 'upstream-tls-alert' : 'upstream-reset';
  if (reached) return 'upstream-tls';
  if (code === 'ECONNREFUSED') return 'connect-refused';
  if (code === 'ETIMEDOUT') return 'connect-timeout';
  return 'connect-failed';
}

/** RFC 9110 9.2.2: methods whose repetition is harmless. */
export function isIdempotent(method: string): boolean {
  switch (method) {
    case 'GET':
    case 'HEAD':
    case 'OPTIONS':
    case 'PUT':
    case 'DELETE':
    case 'TRACE':
      return true;
    default:
      return false;
  }
}
