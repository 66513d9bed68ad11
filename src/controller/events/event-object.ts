// A core/v1 Event as client-go's recorder writes it (ingress-api.md G.3): `describe` finds it by the uid and kind of its object.
import type { ObjectRef } from '../../model/index.ts';

/** What an Event is about, as the API server knows it. */
export interface EventTarget {
  readonly ref: ObjectRef;
  readonly apiVersion: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

export interface EventText {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export const eventComponent = 'sallyport-ingress-controller';

/** Longest message that the API server takes, in bytes. */
const maxMessageBytes = 1_024;

/** RFC 3339 in whole seconds. */
export function eventTime(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
}

/** Where Events about an object live: its namespace, or `default`. */
export function eventNamespace({ namespace }: ObjectRef): string {
  return namespace ?? 'default';
}

/** One printable line that the API server takes: control characters as blanks, cut at a character. */
export function eventMessage(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  const line = text.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ');
  const bytes = new TextEncoder().encode(line);
  if (bytes.length <= maxMessageBytes) return line;
  const cut = new TextDecoder().decode(bytes.subarray(0, maxMessageBytes - 3)).replace(/\ufffd+$/, '');
  return `${cut}…`;
}

/** A first Event; `sequence` tells two of one millisecond apart. */
export function createEvent(
  target: EventTarget,
  { type, reason, message }: EventText,
  nowMs: number,
  sequence: number,
  instance: string,
): Readonly<Record<string, unknown>> {
  const { ref, apiVersion, uid, resourceVersion } = target;
  const nanoseconds = BigInt(Math.floor(nowMs)) * 1_000_000n + BigInt(sequence % 1_000_000);
  const time = eventTime(nowMs);
  // A name of 253 characters leaves no room for the suffix.
  const stem = ref.name.slice(0, 236);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${stem}.${nanoseconds.toString(16)}`, namespace: eventNamespace(ref) },
    involvedObject: {
      kind: ref.kind,
      ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
      name: ref.name,
      uid,
      apiVersion,
      ...(resourceVersion === '' ? {} : { resourceVersion }),
    },
    reason,
    message,
    source: { component: eventComponent },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    type,
    reportingComponent: eventComponent,
    reportingInstance: instance,
  };
}
