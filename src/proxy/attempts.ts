// Attempts: what happened on the upstream side of one exchange, for its log line and metrics. The common case of one attempt
// builds no lists; each further one appends to comma lists, as nginx writes them.
import { renderSeconds } from '../observe/log-time.ts';
import type { LiveEndpoint } from './endpoint-set.ts';

export class Attempts {
  count = 0;
  /** Endpoints that failed before anything was sent; null until one has. */
  tried: LiveEndpoint[] | null = null;
  addresses = '';
  /** Milliseconds from the attempt's start to its connection; -1: it used a pooled one, or none. */
  connectMs = -1;
  /** Milliseconds from the attempt's start to the end of the response head; -1: none came. */
  headerMs = -1;
  startedMs = 0;
  #earlierStatuses = '';
  #earlierDurations = '';
  #earlierBytes = '';
  #endedMs = -1;

  start(endpoint: LiveEndpoint, nowMs: number): void {
    this.count += 1;
    this.startedMs = nowMs;
    this.#endedMs = -1;
    this.connectMs = -1;
    this.headerMs = -1;
    this.addresses = this.count === 1 ? endpoint.label : `${this.addresses}, ${endpoint.label}`;
  }

  /** The present attempt failed with what would be `status`, and another one follows. */
  failed(status: number, nowMs: number): void {
    this.#earlierStatuses += `${status}, `;
    this.#earlierDurations += `${renderSeconds(nowMs - this.startedMs)}, `;
    this.#earlierBytes += '0, ';
  }

  /** The upstream's part is over, though the client may still be reading. */
  end(nowMs: number): void {
    this.#endedMs = nowMs;
  }

  /** Milliseconds from the last attempt's start to its end; -1: no attempt was made. */
  responseMs(nowMs: number): number {
    return this.count === 0 ? -1 : (this.#endedMs < 0 ? nowMs : this.#endedMs) - this.startedMs;
  }

  /** `last` 0: the last attempt was given up before a response came. */
  renderStatuses(last: number): string {
    return this.count === 0 ? '' : `${this.#earlierStatuses}${last === 0 ? '-' : last}`;
  }

  renderDurations(nowMs: number): string {
    return this.count === 0 ? '' : `${this.#earlierDurations}${renderSeconds(this.responseMs(nowMs))}`;
  }

  renderBytes(last: number): string {
    return this.count === 0 ? '' : `${this.#earlierBytes}${last}`;
  }
}
