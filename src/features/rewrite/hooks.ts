// The rewrite itself, per request. A path is rewritten after all features have admitted the request; an absolute target is answered in
// its place among them, before the HTTPS redirect, as in nginx.
import { compileLinearRegex } from '../../std/linear-regex/index.ts';
import type { RequestView, RouteHooks } from '../contract.ts';
import type { RewritePolicy } from './policy.ts';
import { fillTarget, highestCapture, isAbsoluteTarget, rootPath, splitTarget } from './target.ts';

type Capture = (path: string) => Int32Array | null;

/** Called once per route and table. */
export function prepareRewrite(
  policy: RewritePolicy,
  route: { readonly path: string; readonly pathKind: string },
): RouteHooks {
  const { target } = policy;
  const parts = splitTarget(target);
  const capture = captureOf(target, route);
  const fill = (request: RequestView): string => fillTarget(parts, request.path, capture(request.path));
  if (!isAbsoluteTarget(target)) return { rewrite: (request) => rootPath(fill(request)) };
  return {
    admit: (request) => ({
      status: 302,
      reason: 'rewrite-redirect',
      location: fill(request) + request.query,
    }),
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
  return compiled.ok ? (path) => compiled.regex.match(path) : none;
}
