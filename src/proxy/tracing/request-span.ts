// RequestSpan: the part of a trace that one request is here. Made when the request is matched, before anybody reads its fields.
import type { RouteTracing, TracingSettings } from '../../model/index.ts';
import {
  joinTraceState,
  parseTraceparent,
  renderTraceparent,
  takeTraceFields,
  type TraceParent,
} from '../../wire/trace-context/index.ts';
import type { RequestIds } from '../request-ids.ts';

export interface RequestSpan extends TraceParent {
  /** Of the client's span; empty: the trace begins here. */
  readonly parentId: string;
  /** As it is passed on; empty: none. */
  readonly state: string;
  /** Of its route. */
  readonly policy: RouteTracing;
}

/** What of the core decides about spans. */
export interface SpanMaker {
  readonly requestIds: RequestIds;
  readonly tracing: TracingSettings;
}

/** Of the lines of a request: they then say of this span what they said of the client's. */
export function beginSpan(
  head: { fields: string },
  policy: RouteTracing,
  { requestIds, tracing }: SpanMaker,
): RequestSpan {
  const { rest, parents, states } = takeTraceFields(head.fields);
  const [only] = parents;
  const isOne = policy.trustsIncoming && parents.length === 1 && only !== undefined;
  const parent = isOne ? parseTraceparent(only) : null;
  const traceId = parent?.traceId ?? requestIds.next();
  const span: RequestSpan = {
    traceId,
    spanId: requestIds.nextSpan(),
    isSampled:
      parent !== null && tracing.isParentBased ? parent.isSampled : isRecorded(traceId, tracing.ratio),
    parentId: parent?.spanId ?? '',
    state: parent === null ? '' : joinTraceState(states),
    policy,
  };
  const stateLine = span.state === '' ? '' : `tracestate: ${span.state}\r\n`;
  head.fields = `${rest}traceparent: ${renderTraceparent(span)}\r\n${stateLine}`;
  return span;
}

const countedDigits = 13;
const idCount = 16 ** countedDigits;

/** By the random half of the identifier, as the SDKs do, so that all who see a trace at the same ratio decide alike. */
export function isRecorded(traceId: string, ratio: number): boolean {
  return Number.parseInt(traceId.slice(16, 16 + countedDigits), 16) < ratio * idCount;
}
