// The two readings of a request's path (rules N1, N2, P9, P10):
// - literal: unreserved escapes decoded, hex digits of the remaining escapes in upper case, dot segments removed; `//` stays an empty
//   element, `%2F` and `%5C` stay ordinary bytes of one element;
// - greedy: what a lenient backend may make of it, as it is sent or else as it was written: also `%2F` and `%5C` as `/`, `//` as `/`, `..;x` as `..`.
import { removeDotSegments } from './dot-segments.ts';
import { decodeUnreserved, hasValidEscapes } from './escapes.ts';

export interface PathReadings {
  /** The literal reading. */
  readonly path: string;
  /** The greedy reading, empty when it equals `path`. */
  readonly greedy: string;
}

/** Why a path has no reading: a backslash (P9), a broken escape (P10), `%00` (P10), a reading that climbs above the root (N2). */
export type PathFault = 'backslash' | 'escape' | 'nul' | 'above-root';

/** `raw` begins with `/`, has no query and only visible ASCII without `#`. */
export function readPath(raw: string): PathReadings | PathFault {
  if (raw.includes('\\')) return 'backslash';
  if (!hasValidEscapes(raw)) return 'escape';
  if (raw.includes('%00')) return 'nul';
  const decoded = decodeUnreserved(raw);
  const path = removeDotSegments(decoded, 'refuse');
  const asWritten = removeDotSegments(flattenSegments(decoded), 'refuse');
  if (path === null || asWritten === null) return 'above-root';
  if (path === decoded) return { path, greedy: asWritten === path ? '' : asWritten };
  // The backend gets `path`: what it may make of that goes before what it would have made of the request's own spelling.
  const asSent = removeDotSegments(flattenSegments(path), 'refuse');
  if (asSent === null) return 'above-root';
  const greedy = asSent === path ? asWritten : asSent;
  return { path, greedy: greedy === path ? '' : greedy };
}

/** The greedy reading before dot segments are removed. */
function flattenSegments(decoded: string): string {
  const slashed = decoded.includes('%') ? decoded.replaceAll('%2F', '/').replaceAll('%5C', '/') : decoded;
  if (!slashed.includes('//') && !slashed.includes(';')) return slashed;
  const segments = slashed.split('/');
  const last = segments.length - 1;
  const kept = segments.filter((segment, i) => segment !== '' || i === last);
  return `/${kept.map(withoutDotParameters).join('/')}`;
}

/** `..;x` and `.;x` as `..` and `.`: servlet containers cut path parameters before they resolve. */
function withoutDotParameters(segment: string): string {
  if (segment.startsWith('..;')) return '..';
  return segment.startsWith('.;') ? '.' : segment;
}
