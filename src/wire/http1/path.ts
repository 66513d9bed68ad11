// The path of a request target in canonical form, which is both what is matched and what is sent (rules N1, N2, P9, P10). Two readings:
// - literal: unreserved escapes decoded, hex digits of the remaining escapes in upper case, dot segments removed; `//` stays an empty
//   element, `%2F` and `%5C` stay ordinary bytes of one element;
// - greedy: what a lenient backend may make of it: also `%2F` and `%5C` as `/`, `//` as `/`, `..;x` as `..`.
// The proxy refuses a request whose two readings select different routes. Plain paths take the fast path and allocate nothing.
import {
  PERCENT,
  SLASH,
  TARGET_OK,
  TARGET_SLASH,
  TARGET_SPECIAL,
  hexValue,
  targetClass,
  unreserved,
} from './bytes.ts';
import { type Refusal, refusals } from './refusal.ts';

export interface CanonicalPath {
  /** The literal reading. */
  readonly path: string;
  /** The greedy reading, empty when it equals `path`. */
  readonly greedy: string;
}

const upperHex = '0123456789ABCDEF';

/**
 * The canonical form of an origin-form path (without query) as received. Refused: bytes that no target may hold (P9), a backslash
 * (P9), a broken escape (P10), `%00` (P10), a reading that climbs above the root (N2), a text that does not begin with `/`.
 */
export function canonicalPath(raw: string): CanonicalPath | Refusal {
  const bits = classify(raw);
  if (raw.charCodeAt(0) !== SLASH) return refusals['target-form'];
  if (bits === 0) return refusals['target-byte'];
  if ((bits & TARGET_SPECIAL) === 0) return { path: raw, greedy: '' };
  return canonicalSpecialPath(raw);
}

/** As `canonicalPath`, for a path whose bytes have been validated and that begins with `/`. */
export function canonicalSpecialPath(raw: string): CanonicalPath | Refusal {
  if (raw.includes('\\')) return refusals['path-backslash'];
  if (!hasValidEscapes(raw)) return refusals['target-escape'];
  if (raw.includes('%00')) return refusals['path-nul'];
  const decoded = decodeUnreserved(raw);
  const path = removeDotSegments(decoded, 'refuse');
  const greedy = removeDotSegments(flattenSegments(decoded), 'refuse');
  if (path === null || greedy === null) return refusals['path-above-root'];
  return { path, greedy: greedy === path ? '' : greedy };
}

/** `targetClass` bits of the text; 0 when it is empty or holds a byte that no target may hold. */
function classify(text: string): number {
  let bits = 0;
  let afterSlash = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    const entry = code > 0xff || code === 0x3f ? 0 : (targetClass[code | afterSlash] ?? 0);
    if ((entry & TARGET_OK) === 0) return 0;
    bits |= entry;
    afterSlash = entry & TARGET_SLASH;
  }
  return bits;
}

/** True when each `%` of `text` is followed by two hex digits (rule P10). */
export function hasValidEscapes(text: string): boolean {
  for (let i = text.indexOf('%'); i !== -1; i = text.indexOf('%', i + 1)) {
    if (escapeAt(text, i) === -1) return false;
  }
  return true;
}

/** The byte that the escape at `i` stands for, -1 when it is broken. */
function escapeAt(text: string, i: number): number {
  const high = hexValue[text.charCodeAt(i + 1)] ?? 0xff;
  const low = hexValue[text.charCodeAt(i + 2)] ?? 0xff;
  return high === 0xff || low === 0xff ? -1 : high * 16 + low;
}

/** RFC 3986 6.2.2: unreserved escapes decoded, once; hex digits of the others in upper case. Escapes have been checked. */
function decodeUnreserved(raw: string): string {
  let out = '';
  let from = 0;
  for (let i = raw.indexOf('%'); i !== -1; i = raw.indexOf('%', from)) {
    const byte = escapeAt(raw, i);
    out += raw.slice(from, i) + (unreserved[byte] === 1 ? String.fromCharCode(byte) : renderEscape(byte));
    from = i + 3;
  }
  return out + raw.slice(from);
}

function renderEscape(byte: number): string {
  return `%${upperHex.charAt(byte >> 4)}${upperHex.charAt(byte & 15)}`;
}

/** RFC 3986 5.2.4 for a path that begins with `/`. Above the root: null, or the `..` has no effect. */
function removeDotSegments(path: string, aboveRoot: 'refuse' | 'ignore'): string | null {
  if (!path.includes('/.')) return path;
  const out: string[] = [];
  const segments = path.split('/');
  const last = segments.length - 1;
  for (let i = 1; i <= last; i += 1) {
    const segment = segments[i] ?? '';
    if (segment !== '.' && segment !== '..') out.push(segment);
    else {
      if (segment === '..' && out.pop() === undefined && aboveRoot === 'refuse') return null;
      // `/a/..` and `/a/.` name a directory: the slash stays.
      if (i === last) out.push('');
    }
  }
  return `/${out.join('/')}`;
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

/**
 * A rule's path in the same canonical form, for comparing. Any text is taken: bytes that no request target can hold are written as
 * escapes, as a client would have to send them; a `%` that begins no escape becomes `%25`; `..` above the root is dropped; a missing
 * leading slash is added, so the empty path is `/`. Idempotent.
 */
export function canonicalRulePath(rulePath: string): string {
  const rooted = rulePath.startsWith('/') ? rulePath : `/${rulePath}`;
  let text = '';
  for (const byte of Buffer.from(rooted, 'utf8')) {
    const isPlain = targetClass[byte] !== 0 && byte !== 0x3f && byte !== 0x5c;
    text += isPlain ? String.fromCharCode(byte) : renderEscape(byte);
  }
  let escaped = '';
  for (let i = 0; i < text.length; i += 1) {
    const isBroken = text.charCodeAt(i) === PERCENT && escapeAt(text, i) === -1;
    escaped += isBroken ? '%25' : text.charAt(i);
  }
  return removeDotSegments(decodeUnreserved(escaped), 'ignore') ?? '/';
}
