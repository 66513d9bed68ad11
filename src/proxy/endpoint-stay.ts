// EndpointStay: where one exchange counts as under way, from the choice of an endpoint to the end of its part: requests at the endpoint, the
// budget of repeated ones, and what its meter wants to know. The base of UpstreamSide, so that a request makes no object more.
import type { EndpointMeter } from './endpoint-meter.ts';
import type { EndpointSet, LiveEndpoint } from './endpoint-set.ts';
import { outcomes, type ProxyErrorKind } from './outcome.ts';

export class EndpointStay {
  readonly #set: EndpointSet | null;
  /** Null: nowhere. */
  #endpoint: LiveEndpoint | null = null;
  /** Waits for the response head to measure it; null: nobody wants to know, or it is known. */
  #meter: EndpointMeter | null = null;
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
    if (this.countsAsRetry) {
      this.countsAsRetry = false;
      this.#set?.endRetry();
    }
    const endpoint = this.#endpoint;
    if (endpoint === null) return;
    this.#endpoint = null;
    this.#set?.end(endpoint);
  }

  /** A response head has come. Counts once. */
  protected measure(status: number, startedMs: number, nowMs: number): void {
    const meter = this.#meter;
    if (meter === null) return;
    this.#meter = null;
    meter.answer(status, nowMs - startedMs, nowMs);
    // Who waits may have been waiting for just this.
    this.#set?.queue.wake();
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
