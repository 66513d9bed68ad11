// When paths are regular expressions: the one definition, for translate/, which decides how each path is matched.
import type { AnnotationValues } from '../contract.ts';
import { readValue } from '../values.ts';
import { rewriteTargetKey, useRegexKey } from './keys.ts';

/**
 * True when the annotations of a path's own Ingress make it a regular expression: with `use-regex` always, with a
 * `rewrite-target` that differs from the path if the path looks like one. The caller keeps `Exact` paths exact. In
 * ingress-nginx either turns every path of the host into a regular expression, also those of other owners; here nobody's
 * annotations change what another's paths match.
 */
export function wantsRegex(values: AnnotationValues, path: string): boolean {
  if (readValue(values, useRegexKey) === true) return true;
  const target = readValue(values, rewriteTargetKey);
  return target !== undefined && target !== path && hasRegexMeta(path);
}

/**
 * True when ingress-nginx makes every path of the host a regular expression because of this one: with `use-regex`, and with a
 * `rewrite-target` that differs from the path.
 */
export function forcesHostRegex(values: AnnotationValues, path: string): boolean {
  if (readValue(values, useRegexKey) === true) return true;
  const target = readValue(values, rewriteTargetKey);
  return target !== undefined && target !== path;
}

/**
 * True when the path holds a character that means something else in a regular expression than in a plain path. A dot does not
 * count: it is frequent in plain paths, and also matches itself.
 */
export function hasRegexMeta(path: string): boolean {
  return /[\\^$*+?()[\]{}|]/.test(path);
}
