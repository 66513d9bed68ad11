// Validation of `metadata`, on create and on update (apimachinery pkg/api/validation/objectmeta.go, with the additions of
// core validation for finalizers). Maps are checked in the order of their keys, so that errors have one order.
import { forbiddenError, invalidError, invalidErrors, requiredError, tooLongError } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { byteLength } from './go-text.ts';
import { checkLabelValue, checkNamespaceName, checkQualifiedName } from './names.ts';
import type { NameCheck } from './names.ts';
import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from './object-meta.ts';

const maxAnnotationBytes = 262144;
const maxFieldManagerBytes = 128;
const maxSubresourceBytes = 256;

/** What a field says that may not change after creation. */
export const immutableDetail = 'field is immutable';

/** How metadata of a kind is checked. */
export interface MetadataRules {
  readonly namespaced: boolean;
  readonly checkName: NameCheck;
}

/** The entries of a text map, by key; an absent map has none. */
export function sortedEntries(
  map: Readonly<Record<string, string>> | undefined,
): [key: string, value: string][] {
  return Object.entries(map ?? {}).sort(([left], [right]) => (left < right ? -1 : 1));
}

/** `metadata` of an object as it would be stored; names are generated before. */
export function validateObjectMeta(meta: ObjectMeta, rules: MetadataRules): FieldError[] {
  return [
    ...validateNames(meta, rules),
    ...validateNamespaceField(meta, rules),
    ...((meta.generation ?? 0) < 0
      ? [invalidError('metadata.generation', meta.generation, 'must be greater than or equal to 0')]
      : []),
    ...validateCommon(meta),
    ...validateFinalizers(meta.finalizers ?? []),
    ...validateManagedFields(meta.managedFields ?? []),
    ...validateKubeFinalizers(meta.finalizers ?? []),
  ];
}

function validateNames(meta: ObjectMeta, rules: MetadataRules): FieldError[] {
  const generateName = meta.generateName ?? '';
  const errors =
    generateName === ''
      ? []
      : invalidErrors('metadata.generateName', generateName, rules.checkName(generateName, true));
  if (meta.name === '')
    return [...errors, requiredError('metadata.name', 'name or generateName is required')];
  return [...errors, ...invalidErrors('metadata.name', meta.name, rules.checkName(meta.name, false))];
}

function validateNamespaceField(meta: ObjectMeta, rules: MetadataRules): FieldError[] {
  const namespace = meta.namespace ?? '';
  if (!rules.namespaced) {
    return namespace === '' ? [] : [forbiddenError('metadata.namespace', 'not allowed on this type')];
  }
  if (namespace === '') return [requiredError('metadata.namespace')];
  return invalidErrors('metadata.namespace', namespace, checkNamespaceName(namespace, false));
}

function validateCommon(meta: ObjectMeta): FieldError[] {
  return [
    ...validateLabels('metadata.labels', meta.labels),
    ...validateAnnotations(meta.annotations),
    ...validateOwnerReferences(meta.ownerReferences ?? []),
  ];
}

/** Keys and values of labels, or of a selector made of labels. */
export function validateLabels(
  field: string,
  labels: Readonly<Record<string, string>> | undefined,
): FieldError[] {
  return sortedEntries(labels).flatMap(([key, value]) => [
    ...invalidErrors(field, key, checkQualifiedName(key)),
    ...invalidErrors(field, value, checkLabelValue(value)),
  ]);
}

function validateAnnotations(annotations: Readonly<Record<string, string>> | undefined): FieldError[] {
  const field = 'metadata.annotations';
  const entries = sortedEntries(annotations);
  const errors = entries.flatMap(([key]) => invalidErrors(field, key, checkQualifiedName(key.toLowerCase())));
  const totalBytes = entries.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0);
  return totalBytes > maxAnnotationBytes ? [...errors, tooLongError(field, maxAnnotationBytes)] : errors;
}

function validateOwnerReferences(references: readonly OwnerReference[]): FieldError[] {
  const field = 'metadata.ownerReferences';
  const errors: FieldError[] = [];
  let controller = '';
  for (const reference of references) {
    errors.push(...validateOwnerReference(field, reference));
    if (reference.controller !== true) continue;
    const name = `${reference.kind}/${reference.name}`;
    if (controller === '') controller = name;
    else {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`;
      errors.push(invalidError(field, references, detail));
    }
  }
  return errors;
}

function validateOwnerReference(field: string, reference: OwnerReference): FieldError[] {
  const errors: FieldError[] = [];
  const { apiVersion, kind, name, uid } = reference;
  const parts = apiVersion.split('/');
  const hasVersion = parts.length <= 2 && parts.at(-1) !== '';
  if (!hasVersion) errors.push(invalidError(`${field}.apiVersion`, apiVersion, 'version must not be empty'));
  if (kind === '') errors.push(invalidError(`${field}.kind`, kind, 'must not be empty'));
  if (name === '') errors.push(invalidError(`${field}.name`, name, 'must not be empty'));
  if (uid === '') errors.push(invalidError(`${field}.uid`, uid, 'must not be empty'));
  if (apiVersion === 'v1' && kind === 'Event') {
    errors.push(invalidError(field, reference, '/v1, Kind=Event is disallowed from being an owner'));
  }
  return errors;
}

function validateFinalizers(finalizers: readonly string[]): FieldError[] {
  const field = 'metadata.finalizers';
  const errors = finalizers.flatMap((name) => invalidErrors(field, name, checkQualifiedName(name)));
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    const detail = 'finalizer orphan and foregroundDeletion cannot be both set';
    errors.push(invalidError(field, finalizers, detail));
  }
  return errors;
}

/** A finalizer without a domain must be one of the standard ones (core validation, validateKubeFinalizerName). */
function validateKubeFinalizers(finalizers: readonly string[]): FieldError[] {
  return finalizers.flatMap((name, index) => validateKubeFinalizer(`metadata.finalizers[${index}]`, name));
}

const standardFinalizers: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

/** One finalizer of an object or a Namespace's spec. */
export function validateKubeFinalizer(field: string, name: string): FieldError[] {
  if (name.includes('/') || standardFinalizers.has(name)) return [];
  const detail = 'name is neither a standard finalizer name nor is it fully qualified';
  return [invalidError(field, name, detail)];
}

function validateManagedFields(entries: readonly ManagedFieldsEntry[]): FieldError[] {
  return entries.flatMap((entry, index) => {
    const field = `metadata.managedFields[${index}]`;
    const errors: FieldError[] = [];
    const { operation = '', fieldsType = '', manager = '', subresource = '' } = entry;
    if (operation !== 'Apply' && operation !== 'Update') {
      errors.push(invalidError(`${field}.operation`, operation, 'must be `Apply` or `Update`'));
    }
    if (fieldsType !== '' && fieldsType !== 'FieldsV1') {
      errors.push(invalidError(`${field}.fieldsType`, fieldsType, 'must be `FieldsV1`'));
    }
    if (byteLength(manager) > maxFieldManagerBytes) {
      errors.push(tooLongError(`${field}.manager`, maxFieldManagerBytes));
    }
    if (byteLength(subresource) > maxSubresourceBytes) {
      errors.push(tooLongError(`${field}.subresource`, maxSubresourceBytes));
    }
    return errors;
  });
}

/**
 * What an update changes in `metadata` against the stored object. To be called with the result of `keepServerMetadata`;
 * kinds that allow an update without resourceVersion get the stored one filled in before.
 */
export function validateObjectMetaUpdate(meta: ObjectMeta, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  const finalizers = meta.finalizers ?? [];
  if (old.deletionTimestamp !== undefined) errors.push(...validateNoNewFinalizers(finalizers, old));
  if ((meta.resourceVersion ?? '') === '') {
    errors.push(invalidError('metadata.resourceVersion', '', 'must be specified for an update'));
  }
  if ((meta.generation ?? 0) < (old.generation ?? 0)) {
    errors.push(invalidError('metadata.generation', meta.generation ?? 0, 'must not be decremented'));
  }
  return [
    ...errors,
    ...validateImmutable('metadata.name', meta.name, old.name),
    ...validateImmutable('metadata.namespace', meta.namespace ?? '', old.namespace ?? ''),
    ...validateImmutable('metadata.uid', meta.uid ?? '', old.uid ?? ''),
    ...validateImmutable('metadata.creationTimestamp', meta.creationTimestamp, old.creationTimestamp),
    ...validateImmutable('metadata.deletionTimestamp', meta.deletionTimestamp, old.deletionTimestamp),
    ...validateImmutable(
      'metadata.deletionGracePeriodSeconds',
      meta.deletionGracePeriodSeconds,
      old.deletionGracePeriodSeconds,
    ),
    ...validateCommon(meta),
    ...validateManagedFields(meta.managedFields ?? []),
    ...validateKubeFinalizers(finalizers),
  ];
}

function validateNoNewFinalizers(finalizers: readonly string[], old: ObjectMeta): FieldError[] {
  const known = new Set(old.finalizers);
  const added = [...new Set(finalizers)].filter((name) => !known.has(name)).sort();
  if (added.length === 0) return [];
  const list = `[]string{${added.map((name) => JSON.stringify(name)).join(', ')}}`;
  const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`;
  return [forbiddenError('metadata.finalizers', detail)];
}

/** An error if a scalar value changed. */
export function validateImmutable(
  field: string,
  value: string | number | undefined,
  old: string | number | undefined,
): FieldError[] {
  return value === old ? [] : [invalidError(field, value, immutableDetail)];
}

/** A copy without the members whose value is undefined. */
function withoutUndefined(meta: { [Key in keyof ObjectMeta]: ObjectMeta[Key] | undefined }): ObjectMeta {
  return Object.fromEntries(
    Object.entries(meta).filter(([, value]) => value !== undefined),
  ) as unknown as ObjectMeta;
}

/**
 * What the server itself keeps on an update before it validates (apiserver pkg/registry/rest/update.go): generation,
 * creationTimestamp and deletionTimestamp of the stored object; its uid and grace period where the new object names none. An object
 * that is not being deleted cannot be made so, which is for validation to find.
 */
export function keepServerMetadata(meta: ObjectMeta, old: ObjectMeta): ObjectMeta {
  return withoutUndefined({
    ...meta,
    generation: old.generation,
    creationTimestamp: old.creationTimestamp,
    deletionTimestamp: old.deletionTimestamp ?? meta.deletionTimestamp,
    uid: (meta.uid ?? '') === '' ? old.uid : meta.uid,
    deletionGracePeriodSeconds: meta.deletionGracePeriodSeconds ?? old.deletionGracePeriodSeconds,
  });
}
