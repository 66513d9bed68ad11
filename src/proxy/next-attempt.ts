// Whether a request that failed may be tried again, apart from where: rules K5 and K6, and what the route allows
// (`proxy-next-upstream*`).
import type { RetryPolicy } from '../model/index.ts';
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

function hasAttemptLeft({ maxTries, maxMs }: RetryPolicy, state: AttemptState): boolean {
  if (!state.isReplayable || state.attemptCount >= (maxTries ?? state.maxTries)) return false;
  return maxMs === 0 || state.elapsedMs < maxMs;
}
