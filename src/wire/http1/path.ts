// The path of a request target in canonical form, which is both what is matched and what is sent. The two readings of a path are
// made in std/uri-path/; here is what of them HTTP/1 refuses, and by which name (rules N1, N2, P9, P10).
// The proxy refuses a request whose two readings select different routes. Plain paths take the fast path and allocate nothing.
import { type PathFault, type PathReadings, readPath } from '../../std/uri-path/index.ts';
import { SLASH, TARGET_OK, TARGET_SLASH, TARGET_SPECIAL, targetClass } from './bytes.ts';
import { type Refusal, refusals } from './refusal.ts';

const faultRefusals: Readonly<Record<PathFault, Refusal>> = {
  backslash: refusals['path-backslash'],
  escape: refusals['target-escape'],
  nul: refusals['path-nul'],
  'above-root': refusals['path-above-root'],
};

/**
 * The canonical form of an origin-form path (without query) as received. Refused: bytes that no target may hold (P9), a backslash
 * (P9), a broken escape (P10), `%00` (P10), a reading that climbs above the root (N2), a text that does not begin with `/`.
 */
export function canonicalPath(raw: string): PathReadings | Refusal {
  const bits = classify(raw);
  if (raw.charCodeAt(0) !== SLASH) return refusals['target-form'];
  if (bits === 0) return refusals['target-byte'];
  if ((bits & TARGET_SPECIAL) === 0) return { path: raw, greedy: '' };
  return canonicalSpecialPath(raw);
}

/** As `canonicalPath`, for a path whose bytes have been validated and that begins with `/`. */
export function canonicalSpecialPath(raw: string): PathReadings | Refusal {
  const read = readPath(raw);
  return typeof read === 'string' ? faultRefusals[read] : read;
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
