// When paths are regular expressions: asked by translate/, which decides how each path of a host is matched.
import type { AnnotationValues } from '../contract.ts';
import { readValue } from '../values.ts';
import { rewriteTargetKey, useRegexKey } from './keys.ts';

/**
 * True when an Ingress path with these annotations makes every path of its host a regular expression, as in ingress-nginx:
 * `use-regex`, or a `rewrite-target` that differs from the path.
 */
export function wantsRegex(values: AnnotationValues, path: string): boolean {
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
