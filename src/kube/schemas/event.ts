// Event in its two versions: one record, told in the words of core/v1 and of events.k8s.io/v1.
import { field, filled, int32, microTime, required, structOf, text, time } from '../schema.ts';
import type { StructSchema } from '../schema.ts';
import { kindOf, objectMeta } from './meta.ts';
import { objectReference } from './references.ts';

const eventSource: StructSchema = structOf('v1.EventSource', {
  component: field(1, text, 'The program that reports.'),
  host: field(2, text, 'The node on which it runs.'),
});

const coreEventSeries: StructSchema = structOf('v1.EventSeries', {
  count: field(1, int32, 'How often it happened in this series.'),
  lastObservedTime: field(2, microTime, 'When it last happened.'),
});

export const coreEventSchema: StructSchema = kindOf('v1.Event', {
  metadata: required(1, objectMeta, 'Name, labels and what else all objects have.'),
  involvedObject: required(2, objectReference, 'The object that the event is about.'),
  reason: field(3, text, 'One CamelCase word for what happened.'),
  message: field(4, text, 'A sentence about it.'),
  source: filled(5, eventSource, 'Who reports it.'),
  firstTimestamp: field(6, time, 'When it first happened.'),
  lastTimestamp: field(7, time, 'When it last happened.'),
  count: field(8, int32, 'How often it happened.'),
  type: field(9, text, '`Normal` or `Warning`.'),
  eventTime: field(10, microTime, 'When it was first observed, in microseconds.'),
  series: field(11, coreEventSeries, 'Set when the event stands for a series.'),
  action: field(12, text, 'What was done or failed.'),
  related: field(13, objectReference, 'A second object that has to do with it.'),
  reportingComponent: filled(14, text, 'The controller that reports.'),
  reportingInstance: filled(15, text, 'The instance of that controller.'),
});

const eventSeries: StructSchema = structOf('v1.EventSeries', {
  count: required(1, int32, 'How often it happened in this series.'),
  lastObservedTime: field(2, microTime, 'When it last happened.', { isRequired: true }),
});

export const eventSchema: StructSchema = kindOf('v1.Event', {
  eventTime: field(2, microTime, 'When it was first observed, in microseconds.', { isRequired: true }),
  series: field(3, eventSeries, 'Set when the event stands for a series.'),
  reportingController: field(4, text, 'The controller that reports.'),
  reportingInstance: field(5, text, 'The instance of that controller.'),
  action: field(6, text, 'What was done or failed.'),
  reason: field(7, text, 'One CamelCase word for why it was done.'),
  regarding: filled(8, objectReference, 'The object that the event is about.'),
  related: field(9, objectReference, 'A second object that has to do with it.'),
  note: field(10, text, 'A sentence about it, at most 1024 bytes.'),
  type: field(11, text, '`Normal` or `Warning`.'),
  deprecatedSource: filled(12, eventSource, 'Source of the core/v1 form.'),
  deprecatedFirstTimestamp: field(13, time, 'First time of the core/v1 form.'),
  deprecatedLastTimestamp: field(14, time, 'Last time of the core/v1 form.'),
  deprecatedCount: field(15, int32, 'Count of the core/v1 form.'),
});
