// Which side of a route with a canary takes a request, as far as the request alone says it.
import { CanaryDecision } from '../features/index.ts';
import type { Canary } from '../model/index.ts';
import type { Explanation } from '../table/index.ts';

export interface CanarySide {
  /** `drawn`: by chance, for each request anew. */
  readonly side: 'main' | 'canary' | 'drawn';
  /** A phrase. */
  readonly why: string;
}

/** Null: the route has no canary. `fields`: lines of the request. */
export function decideCanary(explanation: Explanation, fields: string): CanarySide | null {
  const { route, canaryEndpoints = [] } = explanation;
  const { canary } = route;
  if (canary === undefined) return null;
  if (canaryEndpoints.length === 0) return { side: 'main', why: 'the canary has no endpoints' };
  const { side, why } = decideByRule(canary, fields);
  // Which session a cookie is only the proxy knows.
  const hasSessions = 'affinity' in route.policies || 'affinity' in canary.policies;
  return hasSessions
    ? { side, why: `${why}, unless the client has a session on one of them` }
    : { side, why };
}

function decideByRule(canary: Canary, fields: string): CanarySide {
  const verdict = new CanaryDecision(canary).decide(fields);
  if (verdict !== null) return { side: verdict.isCanary ? 'canary' : 'main', why: verdict.why };
  const { weight, total } = canary;
  if (weight === 0) return { side: 'main', why: 'nothing chooses the canary, and its weight is 0' };
  if (weight >= total) return { side: 'canary', why: `its weight is ${weight} of ${total}` };
  return { side: 'drawn', why: `the canary gets ${weight} of ${total} such requests` };
}
