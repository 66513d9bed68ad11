// Rewrite targets: `/new/$2`, or an absolute URL. Parsed once into literals and captures, so that no request text is ever read as
// a template.
import type { ParseResult } from '../contract.ts';
import { textOf } from '../values.ts';

/** A target in pieces: text to copy, or the number of a capture, 1 to 9. */
export type TargetPart = string | number;

const pathWithCaptures = textOf('path+capture');

const absolute = /^https?:\/\//i;
const absoluteWithHost = /^https?:\/\/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?(?:\/|$)/i;

/** True for a target that the client is sent to instead of the upstream. */
export function isAbsoluteTarget(target: string): boolean {
  return absolute.test(target);
}

/**
 * The whole value of `rewrite-target`. A `$` that is not a capture is refused: nginx would put one of its variables there. The host of
 * an absolute target must be written out, so that no request can choose it (http-hardening.md, O2).
 */
export function parseTarget(text: string): ParseResult<string> {
  const parsed = pathWithCaptures(text);
  if ('wanted' in parsed) return parsed;
  if (/\$(?![1-9])/.test(text)) return { wanted: 'no "$" but in the captures "$1" to "$9"' };
  if (isAbsoluteTarget(text) && !absoluteWithHost.test(text)) {
    return { wanted: 'a host without captures, followed by "/" or nothing, in an absolute URL' };
  }
  return parsed;
}

/** The whole value of `x-forwarded-prefix`; empty counts as absent. */
export function parsePrefix(text: string): ParseResult<string> {
  const dense = text.replaceAll(' ', '');
  if (dense === '') return { value: '' };
  const parsed = pathWithCaptures(dense);
  if ('wanted' in parsed) return parsed;
  return /\$(?![1-9])/.test(dense) ? { wanted: 'no "$" but in the captures "$1" to "$9"' } : parsed;
}

/** `/a/$2` → `['/a/', 2]`. Only the digit behind `$` counts: `$10` is `$1` and a `0`, as in nginx. */
export function splitTarget(target: string): readonly TargetPart[] {
  return target
    .split(/(\$[1-9])/)
    .filter((part) => part !== '')
    .map((part) => (part.startsWith('$') ? Number(part.slice(1)) : part));
}

/** The highest capture that the target names; 0 if it names none. */
export function highestCapture(target: string): number {
  return splitTarget(target).reduce<number>(
    (highest, part) => (typeof part === 'number' ? Math.max(highest, part) : highest),
    0,
  );
}

/** Puts the captures in, as bytes; one that took no part or does not exist is empty. `found`: as LinearRegex.match gives it. */
export function fillTarget(
  parts: readonly TargetPart[],
  path: string,
  found: readonly number[] | null,
): string {
  let text = '';
  for (const part of parts) {
    if (typeof part === 'string') text += part;
    else {
      const start = found?.[2 * part] ?? -1;
      if (start !== -1) text += path.slice(start, found?.[2 * part + 1]);
    }
  }
  return text;
}

/** Exactly one `/` at the start (http-hardening.md, N4): captures often bring a second one, and templates forget the first. */
export function rootPath(path: string): string {
  if (path.charCodeAt(0) === 0x2f && path.charCodeAt(1) !== 0x2f) return path;
  return `/${path.replace(/^\/+/, '')}`;
}
