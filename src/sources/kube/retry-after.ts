// When a server wants to be asked again: the Retry-After header, or `details.retryAfterSeconds` of its Status.

/** Milliseconds from `nowMs`; null: not said. */
export function parseRetryAfter(header: string | undefined, body: unknown, nowMs: number): number | null {
  const fromHeader = header === undefined ? null : parseHeader(header.trim(), nowMs);
  return fromHeader ?? readDetails(body);
}

function parseHeader(text: string, nowMs: number): number | null {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text) * 1_000;
  const atMs = /^[A-Z][a-z]{2}, /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}

function readDetails(body: unknown): number | null {
  if (typeof body !== 'object' || body === null) return null;
  const { details } = body as { readonly details?: unknown };
  if (typeof details !== 'object' || details === null) return null;
  const { retryAfterSeconds } = details as { readonly retryAfterSeconds?: unknown };
  const isCount = typeof retryAfterSeconds === 'number' && retryAfterSeconds > 0 && retryAfterSeconds < 1e9;
  return isCount ? retryAfterSeconds * 1_000 : null;
}
