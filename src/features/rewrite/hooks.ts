// The rewrite itself, per request. A path is rewritten after all features have admitted the request; an absolute target is answered in
// its place among them, before the HTTPS redirect, as in nginx.
import { compileLinearRegex, maxRequestSteps } from '../../std/linear-regex/index.ts';
import { replaceField } from '../../wire/http1/field-value.ts';
import type { RequestView, RouteHooks } from '../contract.ts';
import type { RewritePolicy } from './policy.ts';
import { fillTarget, highestCapture, isAbsoluteTarget, rootPath, splitTarget } from './target.ts';

/** No path at all: the data plane refuses the request. A null would send the path that the rule hides. */
const noPath = '';

type Capture = (path: string) => readonly number[] | null | 'too-costly';

/** Called once per route and table. */
export function prepareRewrite(
  policy: RewritePolicy,
  route: { readonly path: string; readonly pathKind: string },
): RouteHooks {
  const { target, prefix } = policy;
  const parts = splitTarget(target);
  const capture = captureOf(target, route);
  const fill = (request: RequestView): string | null => {
    const found = capture(request.path);
    return found === 'too-costly' ? null : fillTarget(parts, request.path, found);
  };
  if (!isAbsoluteTarget(target)) {
    return {
      rewrite: (request) => {
        const path = fill(request);
        return path === null ? noPath : rootPath(path);
      },
      ...(prefix !== undefined && { forward: forwardPrefix(prefix, captureOf(prefix, route)) }),
    };
  }
  return {
    admit: (request) => {
      const location = fill(request);
      if (location === null) return { status: 503, reason: 'path-too-costly' };
      return { status: 302, reason: 'rewrite-redirect', location: location + request.query };
    },
  };
}

/** Once for each attempt. The path was matched within its bound when it was rewritten. */
function forwardPrefix(prefix: string, capture: Capture): NonNullable<RouteHooks['forward']> {
  const parts = splitTarget(prefix);
  return (request, fields) => {
    const found = capture(request.path);
    const value = found === 'too-costly' ? '' : fillTarget(parts, request.path, found);
    return replaceField(fields, 'X-Forwarded-Prefix', value);
  };
}

/**
 * Paths without captures, and targets that name none, need no second matching. A pattern that does not compile matches no
 * request, so its route is never asked.
 */
function captureOf(target: string, route: { readonly path: string; readonly pathKind: string }): Capture {
  const none: Capture = () => null;
  if (route.pathKind !== 'regex' || highestCapture(target) === 0) return none;
  const compiled = compileLinearRegex(route.path, { ignoreCase: true });
  return compiled.ok ? (path) => compiled.regex.matchWithin(path, maxRequestSteps) : none;
}
