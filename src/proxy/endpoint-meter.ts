// EndpointMeter: what requests tell of one endpoint beyond failures in a row: how many wait for an answer, how many answers were good, how
// long they took. Only endpoints of Services that ask for it have one; a request to any other pays one comparison.
import type { UpstreamSettings } from '../model/index.ts';
import { AdaptiveLimit } from './adaptive-limit.ts';
import type { LiveEndpoint } from './live-endpoint.ts';

export class EndpointMeter {
  /** Requests without a response head yet. Those whose body is on its way, tunnels too, do not count. */
  waiting = 0;
  /** Since shares were compared last. */
  good = 0;
  bad = 0;
  /** Null: not asked for. */
  limit: AdaptiveLimit | null = null;

  get isFull(): boolean {
    return this.limit !== null && this.waiting >= this.limit.value;
  }

  begin(): void {
    this.waiting += 1;
    if (this.limit !== null) this.limit.begin(this.waiting);
  }

  /**
   * A response head. An error of the application may take no time at all, which says nothing of its load. `isJudged`: the status tells
   * whether the answer is a good one; else `judge` will.
   */
  answer(status: number, latencyMs: number, nowMs: number, isJudged: boolean = true): void {
    this.waiting -= 1;
    if (isJudged) this.judge(status < 500);
    if (status >= 500) this.limit?.skip();
    else this.limit?.answer(latencyMs, this.waiting, nowMs);
  }

  judge(isGood: boolean): void {
    if (isGood) this.good += 1;
    else this.bad += 1;
  }

  /** The endpoint is to blame. `latencyMs`: how long it was waited for; null: it failed by itself. */
  fail(latencyMs: number | null, nowMs: number): void {
    this.waiting -= 1;
    this.bad += 1;
    if (latencyMs === null) this.limit?.skip();
    else this.limit?.answer(latencyMs, this.waiting, nowMs);
  }

  /** Nobody waits for the answer any more. */
  abandon(): void {
    this.waiting -= 1;
    this.limit?.skip();
  }
}

/** Gives endpoints what the settings want them to have. What was measured stays as long as it is wanted. */
export function fitMeters(
  endpoints: Iterable<LiveEndpoint>,
  { outliers, adaptiveLimit }: UpstreamSettings,
  random: () => number,
): void {
  for (const endpoint of endpoints) {
    if (!outliers.isOn && !adaptiveLimit.isOn) {
      endpoint.meter = null;
      continue;
    }
    endpoint.meter ??= new EndpointMeter();
    const { meter } = endpoint;
    if (!adaptiveLimit.isOn) meter.limit = null;
    else if (meter.limit === null) meter.limit = new AdaptiveLimit(adaptiveLimit, random);
    else meter.limit.configure(adaptiveLimit);
  }
}
