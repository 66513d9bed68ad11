// How a rule's path is compared: exact, prefix, or regex when the annotations of its own Ingress ask for it. A neighbour's
// annotations never matter here (ingress-nginx turns all paths of a host into regexes as soon as one Ingress asks for one).
import type { PathType } from '../kube/index.ts';
import type { PathMatch } from '../model/index.ts';
import type { ParsedAnnotations } from './annotations.ts';
import { compileLinearRegex } from '../std/linear-regex/index.ts';

const regexMetacharacters = /[\^$[\](){}*+?|\\]/;

/** What a path in canonical form never holds: dot segments, a query, a fragment. */
const unreachableParts = /[?#]|\/\.{1,2}(?:\/|$)/;

/**
 * The match of a path. `Exact` stays exact. With `use-regex` the others are regexes; with a `rewrite-target` that differs from
 * the path they are only if they hold regex metacharacters. An empty path is `/`.
 */
export function resolvePathMatch(
  pathText: string,
  pathType: PathType,
  annotations: Pick<ParsedAnnotations, 'values' | 'written'>,
): PathMatch {
  const path = pathText === '' ? '/' : pathText;
  if (pathType === 'Exact') return { kind: 'exact', path };
  return { kind: isRegexPath(path, annotations) ? 'regex' : 'prefix', path };
}

function isRegexPath(
  path: string,
  { values, written }: Pick<ParsedAnnotations, 'values' | 'written'>,
): boolean {
  if (values.get('use-regex') === true) return true;
  const target = written.get('rewrite-target')?.text;
  return target !== undefined && target !== path && regexMetacharacters.test(path);
}

/** Why the linear-time engine refuses a pattern; null if it takes it, and for paths that are none. */
export function refusePattern(match: PathMatch): string | null {
  if (match.kind !== 'regex') return null;
  const compiled = compileLinearRegex(match.path, { ignoreCase: true });
  return compiled.ok ? null : `${compiled.message} (at offset ${compiled.at})`;
}

/** Whether no request can have this path: matching sees paths without dot segments, query and fragment, starting with `/`. */
export function isUnreachable(match: PathMatch): boolean {
  if (match.kind === 'regex') return false;
  return !match.path.startsWith('/') || unreachableParts.test(match.path);
}
