// Where the HTTP/2 sessions of probes live: nowhere. They carry one question each, and neither the pool nor its counters know them.
import type { HttpLimits } from '../../model/index.ts';
import type { Deadlines } from '../deadlines.ts';
import type { SessionHome } from '../transport/http2-session.ts';

export function makeProbeHome(
  deadlines: Deadlines,
  { maxResponseHeadBytes, maxResponseFields, maxTrailerBytes }: HttpLimits,
): SessionHome {
  return {
    deadlines,
    bounds: {
      // A probe ends by its own time-out.
      idleMs: 0,
      maxAgeMs: Number.POSITIVE_INFINITY,
      maxRequestsPerConnection: Number.POSITIVE_INFINITY,
      maxHeadBytes: maxResponseHeadBytes,
      maxFields: maxResponseFields,
      maxTrailerBytes,
    },
    isDraining: false,
    onSessionOpened() {},
    onSessionClosed() {},
    onStreamReused() {},
  };
}
