// The last-applied annotation of `kubectl apply` in the client, when the same user goes over to server-side apply: what it says was
// applied passes to the manager `kubectl`, and it is kept up to date.
import { byteLength, goJson, isJsonObject } from '../../kube/index.ts';
import { compareText } from '../../std/compare-text.ts';
import { checkDepth, type JsonObject, memberOf, PatchError } from '../patch/index.ts';
import { compareTyped } from './compare-typed.ts';
import { allFieldsOf } from './fields-of.ts';
import type { FieldSet } from './field-set.ts';
import { annotationOf, lastAppliedAnnotation, metadataOf, withMetadata } from './metadata-of.ts';
import { describeKind, type KindVersions, typeStored } from './versions.ts';
import { validateTyped } from './validate-typed.ts';

/** The field manager of `kubectl apply --server-side`. */
export const kubectlManager = 'kubectl';

/** Of all annotations together; more is not stored. */
const maxAnnotationBytes = 256 * 1024;

function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    if (!isJsonObject(value)) return null;
    checkDepth(value);
    return value;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof PatchError) return null;
    throw error;
  }
}

/** Fields that the annotation says were applied and that still have the applied value; null: it says nothing usable. */
export function appliedByClient(
  live: JsonObject,
  apiVersion: string,
  versions: KindVersions,
): FieldSet | null {
  const applied = parseObject(annotationOf(live, lastAppliedAnnotation));
  if (applied === null || memberOf(applied, 'apiVersion') !== apiVersion) return null;
  const typedLive = typeStored(live, apiVersion, versions, 'live');
  if (describeKind(applied) !== describeKind(typedLive.object)) return null;
  const { schema } = typedLive;
  if (validateTyped(applied, schema, 'refused').length > 0) return null;
  const { added, modified, removed } = compareTyped(applied, typedLive.object, schema);
  return allFieldsOf(applied, schema).difference(modified).difference(added).difference(removed);
}

function sortMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortMembers);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).toSorted(([a], [b]) => compareText(a, b));
  return Object.fromEntries(members.map(([name, member]) => [name, sortMembers(member)]));
}

function annotationsOf(object: JsonObject): JsonObject | null {
  const annotations = memberOf(metadataOf(object), 'annotations');
  return isJsonObject(annotations) ? annotations : null;
}

/** The configuration as the annotation carries it: compact, members sorted, without the annotation itself. */
function renderConfiguration(config: JsonObject): string {
  const annotations = annotationsOf(config);
  if (annotations === null) return `${goJson(sortMembers(config))}\n`;
  const { [lastAppliedAnnotation]: _, ...rest } = annotations;
  return `${goJson(sortMembers(withMetadata(config, 'annotations', rest)))}\n`;
}

/** The object with its annotation, if it has one, telling `config`; without it when it would be too large. */
export function renewLastApplied(object: JsonObject, config: JsonObject): JsonObject {
  if (annotationOf(object, lastAppliedAnnotation) === '') return object;
  const { [lastAppliedAnnotation]: before, ...rest } = annotationsOf(object) ?? {};
  const text = renderConfiguration(config);
  if (text === before) return object;
  const annotations = { ...rest, [lastAppliedAnnotation]: text };
  let bytes = 0;
  for (const [name, value] of Object.entries(annotations)) bytes += byteLength(name) + byteLength(value);
  return withMetadata(object, 'annotations', bytes > maxAnnotationBytes ? rest : annotations);
}
