// What is counted for one stream: a passed-through host, a TCP or a UDP service. Plain fields that connections add to; metrics are read
// from them when somebody collects.

/** Why a connection got no endpoint, or ended before its ends did. */
export type StreamFailure =
  | 'no-endpoint'
  | 'connect-failed'
  | 'connect-timeout'
  | 'idle'
  | 'sessions-full'
  | 'dropped'
  | 'bind-failed';

export class StreamCounters {
  /** Connections, or for UDP sessions, accepted so far. */
  accepted = 0;
  /** Open now. */
  active = 0;
  /** From clients. */
  receivedBytes = 0;
  /** To clients. */
  sentBytes = 0;
  readonly failures = new Map<StreamFailure, number>();

  fail(reason: StreamFailure): void {
    this.failures.set(reason, (this.failures.get(reason) ?? 0) + 1);
  }
}
