// Whether a request that failed may be tried again: rules K5 and K6, what the route allows (`proxy-next-upstream*`), and whether an endpoint
// and the retry budget are left for it.
import type { RetryPolicy } from '../model/index.ts';
import type { EndpointSet, LiveEndpoint } from './endpoint-set.ts';
import type { Exchange } from './exchange.ts';
import { isIdempotent, type Outcome } from './outcome.ts';
import type { RequestBody } from './request-body.ts';

export interface AttemptState {
  readonly method: string;
  readonly attemptCount: number;
  /** The proxy's own bound, where the route has none. */
  readonly maxTries: number;
  readonly elapsedMs: number;
  /** What was sent of the body so far can be sent again. */
  readonly isReplayable: boolean;
}

export function attemptStateOf(exchange: Exchange, body: RequestBody | null): AttemptState {
  return {
    method: exchange.head.method,
    attemptCount: exchange.attempts.count,
    maxTries: exchange.core.settings.maxTries,
    elapsedMs: performance.now() - exchange.startedMs,
    isReplayable: body === null || body.isReplayable,
  };
}

/** For an error of an attempt, with no byte of a response. */
export function mayTryAgain(
  { retry, condition }: Pick<Outcome, 'retry' | 'condition'>,
  policy: RetryPolicy,
  state: AttemptState,
): boolean {
  if (retry === 'never' || !policy[condition]) return false;
  if (retry === 'idempotent' && !policy.nonIdempotent && !isIdempotent(state.method)) return false;
  return hasAttemptLeft(policy, state);
}

/** For a response whose status the route does not want to hand out while there is another endpoint. */
export function mayPassOn(status: number, policy: RetryPolicy, state: AttemptState): boolean {
  if (policy.statuses === null || !policy.statuses.includes(status)) return false;
  return (policy.nonIdempotent || isIdempotent(state.method)) && hasAttemptLeft(policy, state);
}

/**
 * Gives `endpoint` up for this request; what was sent already takes a place in the retry budget. False: no endpoint is left, or too many
 * requests are repeated already (rule K10).
 */
export function claimRetry(
  { attempts, core }: Exchange,
  set: EndpointSet,
  endpoint: LiveEndpoint,
  wasSent: boolean,
): boolean {
  attempts.tried ??= [];
  attempts.tried.push(endpoint);
  if (set.eligible.every((candidate) => attempts.tried?.includes(candidate))) return false;
  if (!wasSent || set.beginRetry()) return true;
  core.counters.retriesDenied += 1;
  return false;
}

function hasAttemptLeft({ maxTries, maxMs }: RetryPolicy, state: AttemptState): boolean {
  if (!state.isReplayable || state.attemptCount >= (maxTries ?? state.maxTries)) return false;
  return maxMs === 0 || state.elapsedMs < maxMs;
}
