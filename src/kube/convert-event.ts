// Conversion between the two versions of Event, both ways (events v1/conversion.go): only names differ.
import type { Event, EventsEvent } from './event-types.ts';

/** A copy without the members whose value is undefined. */
function withoutUndefined<Type extends object>(members: Type): Type {
  // Leaving out what is undefined keeps the type: such members are optional.
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Type;
}

/** An `events.k8s.io/v1` Event as the stored `v1`. */
export function eventFromEvents(event: EventsEvent): Event {
  const { regarding, note, deprecatedSource, deprecatedFirstTimestamp, deprecatedLastTimestamp } = event;
  const { deprecatedCount, reportingController } = event;
  return withoutUndefined<{ [Key in keyof Event]: Event[Key] | undefined }>({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: event.metadata,
    involvedObject: regarding ?? {},
    reason: event.reason,
    message: note,
    source: deprecatedSource,
    firstTimestamp: deprecatedFirstTimestamp,
    lastTimestamp: deprecatedLastTimestamp,
    count: deprecatedCount,
    type: event.type,
    eventTime: event.eventTime,
    series: event.series,
    action: event.action,
    related: event.related,
    reportingComponent: reportingController,
    reportingInstance: event.reportingInstance,
  }) as Event;
}

/** A stored `v1` Event as `events.k8s.io/v1`. */
export function eventToEvents(event: Event): EventsEvent {
  return withoutUndefined<{ [Key in keyof EventsEvent]: EventsEvent[Key] | undefined }>({
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: event.metadata,
    eventTime: event.eventTime,
    series: event.series,
    reportingController: event.reportingComponent === '' ? undefined : event.reportingComponent,
    reportingInstance: event.reportingInstance === '' ? undefined : event.reportingInstance,
    action: event.action,
    reason: event.reason,
    regarding: event.involvedObject,
    related: event.related,
    note: event.message,
    type: event.type,
    deprecatedSource: event.source,
    deprecatedFirstTimestamp: event.firstTimestamp,
    deprecatedLastTimestamp: event.lastTimestamp,
    deprecatedCount: event.count,
  }) as EventsEvent;
}
