// Event in both of its versions: `v1`, in which it is stored, and `events.k8s.io/v1`, a view with other names. Readonly.
import type { ObjectReference } from './core-types.ts';
import type { ObjectBase } from './object-meta.ts';

/** `v1 Event`. */
export interface Event extends ObjectBase<'Event', 'v1'> {
  readonly involvedObject: ObjectReference;
  readonly reason?: string;
  readonly message?: string;
  readonly source?: EventSource;
  readonly firstTimestamp?: string;
  readonly lastTimestamp?: string;
  readonly count?: number;
  /** `Normal` or `Warning`; anything passes through this version. */
  readonly type?: string;
  /** With microseconds; only Events in the newer style have it, and more rules hold for them. */
  readonly eventTime?: string;
  readonly series?: EventSeries;
  readonly action?: string;
  readonly related?: ObjectReference;
  readonly reportingComponent?: string;
  readonly reportingInstance?: string;
}

export interface EventSource {
  readonly component?: string;
  readonly host?: string;
}

export interface EventSeries {
  readonly count?: number;
  readonly lastObservedTime?: string;
}

/** `events.k8s.io/v1 Event`: the same object under other names. */
export interface EventsEvent extends ObjectBase<'Event', 'events.k8s.io/v1'> {
  readonly eventTime?: string;
  readonly series?: EventSeries;
  readonly reportingController?: string;
  readonly reportingInstance?: string;
  readonly action?: string;
  readonly reason?: string;
  readonly regarding?: ObjectReference;
  readonly related?: ObjectReference;
  readonly note?: string;
  readonly type?: string;
  readonly deprecatedSource?: EventSource;
  readonly deprecatedFirstTimestamp?: string;
  readonly deprecatedLastTimestamp?: string;
  readonly deprecatedCount?: number;
}
