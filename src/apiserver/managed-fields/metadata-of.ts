// Readings and replacements inside an object's metadata, managedFields above all.
import { isJsonObject, type ManagedFieldsEntry } from '../../kube/index.ts';
import { equalJson, type JsonObject, memberOf, setMember } from '../patch/index.ts';

export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

const noMembers: JsonObject = {};

export function metadataOf(object: JsonObject): JsonObject {
  const metadata = memberOf(object, 'metadata');
  return isJsonObject(metadata) ? metadata : noMembers;
}

export function managedFieldsOf(object: JsonObject): unknown {
  return memberOf(metadataOf(object), 'managedFields');
}

export function annotationOf(object: JsonObject, name: string): string {
  const annotations = memberOf(metadataOf(object), 'annotations');
  const value = isJsonObject(annotations) ? memberOf(annotations, name) : undefined;
  return typeof value === 'string' ? value : '';
}

/** `value` undefined: without the member. Shares everything else with the object. */
export function withMetadata(object: JsonObject, name: string, value: unknown): JsonObject {
  const metadata = { ...metadataOf(object) };
  if (value === undefined) delete metadata[name];
  else setMember(metadata, name, value);
  return { ...object, metadata };
}

/** The object with these entries; without any, it has none. */
export function withManagedFields(object: JsonObject, entries: readonly ManagedFieldsEntry[]): JsonObject {
  return withMetadata(object, 'managedFields', entries.length === 0 ? undefined : entries);
}

function withoutTime(entry: ManagedFieldsEntry): JsonObject {
  const { time: _, ...rest } = entry;
  return rest;
}

function entriesOf(object: JsonObject): readonly ManagedFieldsEntry[] {
  const entries = managedFieldsOf(object);
  // Written by this server, or decoded by it.
  return Array.isArray(entries) ? (entries as readonly ManagedFieldsEntry[]) : [];
}

/**
 * A write that changes nothing but the times of managers is no write: the object gets its old times back. To be asked of the
 * whole new object just before it is stored (apiserver pkg/endpoints/handlers/fieldmanager/equality.go).
 */
export function keepUnchangedTimes<Stored extends JsonObject>(next: Stored, live: JsonObject): Stored {
  const entries = entriesOf(next);
  const liveEntries = entriesOf(live);
  if (entries.length === 0 || entries.length !== liveEntries.length) return next;
  if (!equalJson(entries.map(withoutTime), liveEntries.map(withoutTime))) return next;
  const kept = withManagedFields(next, liveEntries);
  // Only the times inside managedFields may differ, and their form is the same.
  return equalJson(kept, live) ? (kept as Stored) : next;
}
