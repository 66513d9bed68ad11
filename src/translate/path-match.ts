// How a rule's path is compared: exact, prefix, or regex when the annotations of its own Ingress ask for it. A neighbour's
// annotations never matter here (ingress-nginx turns all paths of a host into regexes as soon as one Ingress asks for one).
import { wantsRegex, type AnnotationValues } from '../features/index.ts';
import type { PathType } from '../kube/index.ts';
import type { PathMatch } from '../model/index.ts';
import { compileLinearRegex } from '../std/linear-regex/index.ts';
import { canonicalRulePath, readPath } from '../std/uri-path/index.ts';
import { quoteValue } from './problems.ts';

/** The match of a path. `Exact` stays exact; the others are regexes if `wantsRegex` says so. An empty path is `/`. */
export function resolvePathMatch(pathText: string, pathType: PathType, values: AnnotationValues): PathMatch {
  const path = pathText === '' ? '/' : pathText;
  if (pathType === 'Exact') return { kind: 'exact', path: canonicalRulePath(path) };
  if (wantsRegex(values, path)) return { kind: 'regex', path };
  return { kind: 'prefix', path: canonicalRulePath(path) };
}

/** Why the linear-time engine refuses a pattern; null if it takes it, and for paths that are none. */
export function refusePattern(match: PathMatch): string | null {
  if (match.kind !== 'regex') return null;
  const compiled = compileLinearRegex(match.path, { ignoreCase: true });
  return compiled.ok ? null : `${compiled.message} (at offset ${compiled.at})`;
}

/** The `?` or `#` of a plain path, which no request's path holds unless escaped: its author likely meant a query. Else null. */
export function findForeignCharacter(pathText: string, match: PathMatch): string | null {
  return match.kind === 'regex' ? null : (/[?#]/.exec(pathText)?.[0] ?? null);
}

/**
 * Why no request can get through to a plain path, whatever else the host has: the data plane refuses a request with no reading,
 * and one whose two readings select different routes (rules N1, N2). Null: there are requests for it, or it is a pattern.
 */
export function findUnreachable(match: PathMatch): string | null {
  if (match.kind === 'regex') return null;
  const read = readPath(match.path);
  if (read === 'nul') return 'requests with "%00" in their path are refused';
  if (typeof read === 'string')
    return 'a backend may read it as a path above the root, and such requests are refused';
  // What a prefix takes beyond its own path begins with the same elements, and so loses them in the greedy reading too.
  if (read.greedy === '' || (match.kind === 'prefix' && takesPath(match.path, read.greedy))) return null;
  return `a backend may read it as ${quoteValue(read.greedy)}, and requests whose readings lead to different rules are refused`;
}

function takesPath(prefix: string, path: string): boolean {
  const base = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
  return path === base || path.startsWith(`${base}/`);
}
