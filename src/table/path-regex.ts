// What the indexes of a host's routes share: ranks that are none, and the matcher of a path that is a regular expression.
import type { PathMatch } from '../model/index.ts';
import { compileLinearRegex, type LinearRegex } from '../std/linear-regex/index.ts';

/** `matchRank`: no route takes the path. */
export const noRank = -1;
/** `matchRank`: the patterns of the host would take too long for this path. */
export const tooCostlyRank = -2;

/**
 * The matcher of a regex route: case-insensitive, anchored at the start. Null for a pattern outside the supported subset:
 * such a route matches nothing (translate/ has told its owner and made no such route; here it must only do no harm).
 */
export function compilePathRegex(match: PathMatch): LinearRegex | null {
  const compiled = compileLinearRegex(match.path, { ignoreCase: true });
  return compiled.ok ? compiled.regex : null;
}
