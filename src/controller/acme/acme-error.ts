// What an ACME server refuses, and what keeps it from answering.

/** RFC 8555, 6.7. The words are the server's: for people, never to be interpreted. */
export interface AcmeProblem {
  /** Without `urn:ietf:params:acme:error:`; empty: it said none. */
  readonly type: string;
  readonly detail: string;
  /** By host, where the server says which ones it means. */
  readonly ofHosts: ReadonlyMap<string, string>;
}

export class AcmeError extends Error {
  override readonly name = 'AcmeError';
  readonly status: number;
  readonly problem: AcmeProblem;
  /** From Retry-After; null: none. */
  readonly retryAfterMs: number | null;

  constructor(status: number, problem: AcmeProblem, retryAfterMs: number | null) {
    super(problem.detail === '' ? `the ACME server answered ${status}` : problem.detail);
    this.status = status;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Not reached, too slow, or an answer that is none of ACME: nobody's host is to blame. */
export class AcmeUnavailableError extends Error {
  override readonly name = 'AcmeUnavailableError';
  readonly retryAfterMs: number | null;

  constructor(message: string, retryAfterMs: number | null = null) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** The server did not believe that these hosts are ours. */
export class HostsRefusedError extends Error {
  override readonly name = 'HostsRefusedError';
  /** The server's words by host. */
  readonly reasons: ReadonlyMap<string, string>;

  constructor(reasons: ReadonlyMap<string, string>) {
    super([...reasons].map(([host, reason]) => `${host}: ${reason}`).join('; '));
    this.reasons = reasons;
  }
}

const prefix = 'urn:ietf:params:acme:error:';
const maxDetail = 500;

/** Never throws: an odd document is a problem without words. */
export function parseProblem(value: unknown): AcmeProblem {
  const body = membersOf(value);
  const ofHosts = new Map<string, string>();
  const parts = Array.isArray(body['subproblems']) ? (body['subproblems'] as readonly unknown[]) : [];
  for (const part of parts.slice(0, 100)) {
    const { identifier, detail } = membersOf(part);
    const host = membersOf(identifier)['value'];
    if (typeof host === 'string') ofHosts.set(host.toLowerCase(), textOf(detail).slice(0, maxDetail));
  }
  const type = textOf(body['type']);
  return {
    type: type.startsWith(prefix) ? type.slice(prefix.length) : '',
    detail: textOf(body['detail']).slice(0, maxDetail),
    ofHosts,
  };
}

/** The members of an object; none of anything else. */
export function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
