// How a rule's path is compared: exact, prefix, or regex when the annotations of its own Ingress ask for it. A neighbour's
// annotations never matter here (ingress-nginx turns all paths of a host into regexes as soon as one Ingress asks for one).
import { wantsRegex, type AnnotationValues } from '../features/index.ts';
import type { PathType } from '../kube/index.ts';
import type { PathMatch } from '../model/index.ts';
import { compileLinearRegex } from '../std/linear-regex/index.ts';
import { canonicalRulePath } from '../std/uri-path/index.ts';

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
