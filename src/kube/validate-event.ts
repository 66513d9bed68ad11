// Validation of Event on create and on update (core validation/events.go). What came through `v1` is held to the older, laxer
// rules only; `events.k8s.io/v1` adds more. Field names are those of the server, which are not always those of the version.
import type { ObjectReference } from './core-types.ts';
import type { Event, EventSource } from './event-types.ts';
import { invalidError, invalidErrors, requiredError } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { byteLength, goJson } from './go-text.ts';
import {
  checkPathSegment,
  checkQualifiedName,
  checkSubdomain,
  checkSubdomainName,
  nameCheck,
} from './names.ts';
import {
  immutableDetail,
  validateImmutable,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from './validate-metadata.ts';

/** The version that a request used. */
export type EventDialect = 'v1' | 'events.k8s.io/v1';

const maxTextBytes = 128;
const maxMessageBytes = 1024;
const mismatch = 'does not match event.namespace';
const unset = 'needs to be unset';

/** A new Event, in the stored version. */
export function validateEventCreate(event: Event, dialect: EventDialect): FieldError[] {
  const errors = validateBasics(event, dialect);
  if (dialect === 'v1') {
    // Metadata is looked at only when nothing else is wrong, and a name need only fit into a path.
    const rules = { namespaced: true, checkName: nameCheck(checkPathSegment) };
    return errors.length > 0 ? errors : validateObjectMeta(event.metadata, rules);
  }
  const isUsed = (event.source?.component ?? '') !== '' || (event.source?.host ?? '') !== '';
  return [
    ...errors,
    ...validateObjectMeta(event.metadata, { namespaced: true, checkName: checkSubdomainName }),
    ...validateSeries(event),
    ...(event.eventTime === undefined ? [requiredError('eventTime')] : []),
    ...validateType(event.type ?? ''),
    ...(event.firstTimestamp === undefined ? [] : [invalidError('firstTimestamp', '', unset)]),
    ...(event.lastTimestamp === undefined ? [] : [invalidError('lastTimestamp', '', unset)]),
    ...((event.count ?? 0) === 0 ? [] : [invalidError('count', '', unset)]),
    ...(isUsed ? [invalidError('source', '', unset)] : []),
  ];
}

/** A changed Event, in the stored version. Through `v1` anything may change. */
export function validateEventUpdate(event: Event, old: Event, dialect: EventDialect): FieldError[] {
  const errors = validateBasics(event, dialect);
  const metadataErrors = validateObjectMetaUpdate(event.metadata, old.metadata);
  if (dialect === 'v1') return [...metadataErrors, ...errors];
  const isSeriesNew = goJson(event.series ?? null) !== goJson(old.series ?? null);
  return [
    ...errors,
    ...metadataErrors,
    ...(isSeriesNew ? validateSeries(event) : []),
    ...validateSame('involvedObject', referenceText(event.involvedObject), referenceText(old.involvedObject)),
    ...validateImmutable('reason', event.reason ?? '', old.reason ?? ''),
    ...validateImmutable('message', event.message ?? '', old.message ?? ''),
    ...validateSame('source', sourceText(event.source), sourceText(old.source)),
    ...validateSame('firstTimestamp', event.firstTimestamp ?? null, old.firstTimestamp ?? null),
    ...validateSame('lastTimestamp', event.lastTimestamp ?? null, old.lastTimestamp ?? null),
    ...validateImmutable('count', event.count ?? 0, old.count ?? 0),
    // The server checks the reason twice, so that its cause is told twice.
    ...validateImmutable('reason', event.reason ?? '', old.reason ?? ''),
    ...validateImmutable('type', event.type ?? '', old.type ?? ''),
    ...validateSame('eventTime', event.eventTime ?? null, old.eventTime ?? null),
    ...validateImmutable('action', event.action ?? '', old.action ?? ''),
    ...validateSame('related', referenceText(event.related), referenceText(old.related)),
    ...validateImmutable('reportingController', event.reportingComponent ?? '', old.reportingComponent ?? ''),
    ...validateImmutable('reportingInstance', event.reportingInstance ?? '', old.reportingInstance ?? ''),
  ];
}

function validateSame(field: string, value: unknown, old: unknown): FieldError[] {
  return goJson(value) === goJson(old) ? [] : [invalidError(field, value, immutableDetail)];
}

/** As the server shows its internal struct, whose members have no JSON names. */
function referenceText(reference: ObjectReference | undefined): Readonly<Record<string, string>> | null {
  if (reference === undefined) return null;
  return {
    Kind: reference.kind ?? '',
    Namespace: reference.namespace ?? '',
    Name: reference.name ?? '',
    UID: reference.uid ?? '',
    APIVersion: reference.apiVersion ?? '',
    ResourceVersion: reference.resourceVersion ?? '',
    FieldPath: reference.fieldPath ?? '',
  };
}

function sourceText(source: EventSource | undefined): Readonly<Record<string, string>> {
  return { Component: source?.component ?? '', Host: source?.host ?? '' };
}

function validateType(type: string): FieldError[] {
  return type === 'Normal' || type === 'Warning'
    ? []
    : [invalidError('type', '', `has invalid value: ${type}`)];
}

function validateSeries({ series }: Event): FieldError[] {
  if (series === undefined) return [];
  return [
    ...((series.count ?? 0) < 2 ? [invalidError('series.count', '', 'should be at least 2')] : []),
    ...(series.lastObservedTime === undefined ? [requiredError('series.lastObservedTime')] : []),
  ];
}

/** What holds for Events of both versions. */
function validateBasics(event: Event, dialect: EventDialect): FieldError[] {
  const namespace = event.metadata.namespace ?? '';
  const involved = event.involvedObject.namespace ?? '';
  const field = 'involvedObject.namespace';
  const errors: FieldError[] = [];
  if (event.eventTime === undefined) {
    const matches = involved === '' ? namespace === '' || namespace === 'default' : involved === namespace;
    if (!matches) errors.push(invalidError(field, involved, mismatch));
  } else {
    const isClusterNamespace = namespace === 'default' || namespace === 'kube-system';
    if (involved === '' && !isClusterNamespace) errors.push(invalidError(field, involved, mismatch));
    errors.push(...validateReporter(event, dialect));
  }
  return [...errors, ...invalidErrors('namespace', namespace, checkSubdomain(namespace))];
}

function validateReporter(event: Event, dialect: EventDialect): FieldError[] {
  const reporter = event.reportingComponent ?? '';
  const reporterField = dialect === 'v1' ? 'reportingComponent' : 'reportingController';
  return [
    ...(reporter === '' ? [requiredError(reporterField)] : []),
    ...invalidErrors(reporterField, reporter, checkQualifiedName(reporter)),
    ...validateText('reportingInstance', event.reportingInstance),
    ...validateText('action', event.action),
    ...validateText('reason', event.reason),
    ...validateLength('message', event.message ?? '', maxMessageBytes),
  ];
}

function validateText(field: string, text = ''): FieldError[] {
  return text === '' ? [requiredError(field)] : validateLength(field, text, maxTextBytes);
}

/** The server does not repeat the long text. */
function validateLength(field: string, text: string, maxBytes: number): FieldError[] {
  if (byteLength(text) <= maxBytes) return [];
  return [invalidError(field, '', `can have at most ${maxBytes} characters`)];
}
