// Origins of other sites that may read answers: patterns as annotations write them, compared with the Origin of a request.
import { refuseControls } from '../values.ts';
import type { ParseResult } from '../contract.ts';

/** Who may: everybody, or the patterns. `isFaulty`: the text is no list of origins. */
export interface OriginList {
  readonly isAny: boolean;
  /** Lower case: `null`, or `SCHEME://[*.]HOST[:PORT]`. */
  readonly patterns: readonly string[];
  readonly isFaulty: boolean;
}

const entryPattern =
  /^(?:null|(?:[a-z][a-z0-9+.-]{0,31}:\/\/)?(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9_])?(?::[0-9]{1,5})?)$/;
const maxEntries = 500;

/**
 * Entries without scheme are of the grammar and match nothing, as in ingress-nginx. What is outside of the grammar opens nothing: the
 * original takes it for `*`.
 */
export function parseOrigins(text: string): ParseResult<OriginList> {
  const refusal = refuseControls(text);
  if (refusal !== null) return refusal;
  const entries = text
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '');
  const isAny = text.trim() === '' || entries.includes('*');
  const listed = entries.filter((entry) => entry !== '*');
  const isFaulty = entries.length > maxEntries || !listed.every((entry) => entryPattern.test(entry));
  if (isFaulty) return { value: { isAny: false, patterns: [], isFaulty } };
  const patterns = listed.filter((entry) => entry === 'null' || entry.includes('://'));
  return { value: { isAny, patterns, isFaulty } };
}

/** The test whether an origin is on the list. `*.` stands for exactly one label. */
export function compileOrigins(patterns: readonly string[]): (origin: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('://*.')));
  const wild = new Set(patterns.filter((pattern) => pattern.includes('://*.')));
  return (origin) => {
    const asked = origin.toLowerCase();
    if (exact.has(asked)) return true;
    if (wild.size === 0) return false;
    const match = /^([a-z][a-z0-9+.-]*:\/\/)[a-z0-9-]+(\.[^/]*)$/.exec(asked);
    return match !== null && wild.has(`${match[1]}*${match[2]}`);
  };
}
