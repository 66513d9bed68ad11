// Finds the endpoint for an attempt of a request: what the route, the Service and the load of the endpoints say, in this order.
import type { CompiledRoute } from './compiled-route.ts';
import type { Waiter, WaitingPlace } from './endpoint-queue.ts';
import type { EndpointSet, LiveEndpoint } from './endpoint-set.ts';
import type { Exchange } from './exchange.ts';
import type { ProxyErrorKind } from './outcome.ts';

/**
 * The endpoint; or the waiter's place in the queue, when all that are left have enough to do; or why there is neither. `before`: the place
 * that it had until now.
 */
export function selectEndpoint(
  exchange: Exchange,
  route: CompiledRoute,
  set: EndpointSet,
  waiter: Waiter,
  before: WaitingPlace | null,
  nowMs: number,
): LiveEndpoint | WaitingPlace | ProxyErrorKind {
  const { tried } = exchange.attempts;
  const endpoint = choose(exchange, route, set, set.queue.avoided(tried), nowMs);
  if (endpoint !== null) return endpoint;
  if (!set.queue.isWorthWaiting(tried)) return 'no-endpoint';
  return set.queue.join(waiter, before) ?? 'overload';
}

function choose(
  exchange: Exchange,
  { choice }: CompiledRoute,
  set: EndpointSet,
  avoided: readonly LiveEndpoint[] | null,
  nowMs: number,
): LiveEndpoint | null {
  if (choice !== null) return choice.select(exchange, avoided, nowMs);
  return set.hashesClients ? set.selectByClient(exchange.clientAddress, avoided) : set.select(avoided, nowMs);
}
