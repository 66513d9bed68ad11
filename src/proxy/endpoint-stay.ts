// EndpointStay: where one exchange counts as under way, from the choice of an endpoint to the end of its part: requests at the endpoint, the
// budget of repeated ones, and what its meter wants to know. The base of UpstreamSide, so that a request makes no object more.
import { isGrpcFault } from '../wire/grpc/status.ts';
import type { EndpointMeter } from './endpoint-meter.ts';
import type { EndpointSet, LiveEndpoint } from './endpoint-set.ts';
import { outcomes, type ProxyErrorKind } from './outcome.ts';
import type { UpstreamLink } from './upstream-link.ts';

export class EndpointStay {
  readonly #set: EndpointSet | null;
  /** Null: nowhere. */
  #endpoint: LiveEndpoint | null = null;
  /** Waits for the response head to measure it; null: nobody wants to know, or it is known. */
  #meter: EndpointMeter | null = null;
  /** Waits for the end of a response of gRPC to judge it. */
  #judge: EndpointMeter | null = null;
  /** The present attempt is in the budget of repeated requests. */
  protected countsAsRetry = false;

  constructor(set: EndpointSet | null) {
    this.#set = set;
  }

  protected enter(set: EndpointSet, endpoint: LiveEndpoint): void {
    this.#endpoint = endpoint;
    set.begin(endpoint);
    const { meter } = endpoint;
    if (meter === null) return;
    this.#meter = meter;
    meter.begin();
  }

  /** The endpoint has nothing to do for this exchange any more. */
  protected leave(): void {
    if (this.#meter !== null) this.#abandon(this.#meter);
    this.#judge = null;
    if (this.countsAsRetry) {
      this.countsAsRetry = false;
      this.#set?.endRetry();
    }
    const endpoint = this.#endpoint;
    if (endpoint === null) return;
    this.#endpoint = null;
    this.#set?.end(endpoint);
  }

  /** A response head has come. Counts once. `isGrpc`: whether it is a good one, its end tells. */
  protected measure(status: number, startedMs: number, nowMs: number, isGrpc: boolean): void {
    const meter = this.#meter;
    if (meter === null) return;
    this.#meter = null;
    const isLater = isGrpc && status === 200;
    meter.answer(status, nowMs - startedMs, nowMs, !isLater);
    if (isLater) this.#judge = meter;
    // Who waits may have been waiting for just this.
    this.#set?.queue.wake();
  }

  /** The response of gRPC has ended, with this status or without one. */
  protected judge(link: UpstreamLink | null): void {
    if (this.#judge === null) return;
    this.#judge.judge(link !== null && !isGrpcFault(link.grpcStatus));
    this.#judge = null;
  }

  /** The attempt failed without a response head, through no fault of a connection that had died before. */
  protected measureFailure(kind: ProxyErrorKind, startedMs: number): void {
    const meter = this.#meter;
    if (meter === null || !outcomes[kind].blames) return;
    this.#meter = null;
    const nowMs = performance.now();
    meter.fail(outcomes[kind].status === 504 ? nowMs - startedMs : null, nowMs);
  }

  #abandon(meter: EndpointMeter): void {
    this.#meter = null;
    meter.abandon();
  }
}
