// The door of events/: what owners are told on their objects.
export type { EventTarget, EventText } from './event-object.ts';
export { EventRecorder, type EventCounts, type EventRecorderOptions } from './event-recorder.ts';
export { EventWriter, type EventWriterOptions } from './event-writer.ts';
export { eventReasons, reasonOf, type EventReason } from './reasons.ts';
