// AuthAnswer: what is left of an authentication server's answer: the status, what the endpoint and the client get of its fields, and
// whether it counts for others. Made of copies, for it may be kept.
import type { AuthCacheRule, ExternalAuth } from '../../model/index.ts';
import { lookupValues } from '../../wire/http1/field-value.ts';
import type { ResponseHead } from '../../wire/http1/response-head.ts';

export interface AuthAnswer {
  readonly status: number;
  /** Complete lines for the endpoint. */
  readonly fields: string;
  /** Complete lines of Set-Cookie for the client. */
  readonly cookies: string;
  /** Complete lines of WWW-Authenticate. */
  readonly challenge: string;
  /** It may answer requests with the same key that came meanwhile. */
  readonly isShareable: boolean;
  /** How long it counts; 0: for no later request. */
  readonly lifetimeMs: number;
}

/** Of all lines that are handed on. */
const maxHandedBytes = 16_384;
/** What a rule without statuses means, as in nginx. */
const plainStatuses: readonly number[] = [200, 301, 302];

/** Null: it hands on more than anybody takes. */
export function readAnswer(
  { status, fields: lines }: ResponseHead,
  { responseFields, cache }: ExternalAuth,
  nowMs: number,
): AuthAnswer | null {
  const fields = responseFields.map((name) => copyLines(lines, name)).join('');
  const cookies = copyLines(lines, 'Set-Cookie');
  const challenge = status === 401 ? copyLines(lines, 'WWW-Authenticate') : '';
  if (fields.length + cookies.length + challenge.length > maxHandedBytes) return null;
  const fresh = cache === null || cookies !== '' ? 0 : freshnessOf(lines, cache, nowMs);
  return {
    status,
    fields,
    cookies,
    challenge,
    isShareable: fresh > 0,
    lifetimeMs: cache === null ? 0 : Math.min(fresh, lifetimeOf(status, cache)),
  };
}

/** A value that is a slice would keep the whole head in memory. */
function copyLines(lines: string, name: string): string {
  const text = lookupValues(lines, name.toLowerCase())
    .map((value) => `${name}: ${value}\r\n`)
    .join('');
  return text === '' ? '' : Buffer.from(text, 'latin1').toString('latin1');
}

function lifetimeOf(status: number, { lifetimes }: AuthCacheRule): number {
  const rule = lifetimes.find(({ statuses }) =>
    (statuses.length === 0 ? plainStatuses : statuses).includes(status),
  );
  return rule?.durationMs ?? 0;
}

/** How long the answer itself allows that it counts for others; 0: not at all. */
function freshnessOf(lines: string, cache: AuthCacheRule, nowMs: number): number {
  if (!coversVary(lines, cache)) return 0;
  const directives = listOf(lines, 'cache-control');
  if (directives.length === 0) {
    const [expires] = lookupValues(lines, 'expires');
    if (expires === undefined) return Number.POSITIVE_INFINITY;
    const atMs = Date.parse(expires);
    return Number.isNaN(atMs) ? 0 : Math.max(0, atMs - nowMs);
  }
  let fresh = Number.POSITIVE_INFINITY;
  for (const directive of directives) {
    const [, name = '', seconds = ''] = /^([a-z-]+)(?:="?([^"]*)"?)?$/.exec(directive) ?? [];
    if (name === 'no-store' || name === 'no-cache' || name === 'private') return 0;
    if (name === 'max-age' || name === 's-maxage')
      fresh = Math.min(fresh, /^[0-9]{1,10}$/.test(seconds) ? Number(seconds) * 1_000 : 0);
  }
  return fresh;
}

/** An answer that hangs on a field of the request counts for others only if the key holds that field. */
function coversVary(lines: string, { key }: AuthCacheRule): boolean {
  return listOf(lines, 'vary').every(
    (name) => name === 'accept-encoding' || key.some((part) => part.kind === 'header' && part.name === name),
  );
}

function listOf(lines: string, name: string): string[] {
  return lookupValues(lines, name)
    .flatMap((value) => value.split(','))
    .map((each) => each.trim().toLowerCase())
    .filter((each) => each !== '');
}
