// How custom resources behave when they are written (apiextensions-apiserver pkg/registry/customresource).
import {
  checkQualifiedName,
  checkSubdomainName,
  type FieldError,
  goQuote,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../../../kube/index.ts';
import { forbidden } from '../../api-error.ts';
import type { ApiObject } from '../../api-object.ts';
import type { Strategy, WriteContext } from '../../registry/resource.ts';
import { validateEmbedded, withoutBareFinalizers } from '../schema/embedded-meta.ts';
import type { JsonSchema } from '../schema/json-schema.ts';
import { type JsonObject, sameJson } from '../schema/json-value.ts';
import { validateListTypes } from '../schema/list-types.ts';
import { validateChangedValue, validateValue } from '../schema/validate-value.ts';
import type { SchemasByVersion } from './custom-version.ts';

export interface CustomRules {
  readonly group: string;
  readonly plural: string;
  readonly storage: string;
  readonly storageApiVersion: string;
  readonly namespaced: boolean;
  readonly schemas: SchemasByVersion;
  /** Whether there is /status, which alone writes the status. */
  readonly hasStatus: boolean;
  /** The definition is being deleted: nothing new. */
  readonly isTerminating: boolean;
}

export function customStrategy(rules: CustomRules): Strategy {
  const schemaOf = (context: WriteContext): JsonSchema | null =>
    rules.schemas.get(context.apiVersion ?? rules.storageApiVersion) ?? null;
  return {
    prepareCreate: (object) => (rules.hasStatus ? withoutStatus(object) : object),
    prepareUpdate: (next, old, context) => prepareUpdate(next, old, context, rules),
    validateCreate: (object, context) => validateCreate(object, schemaOf(context), rules),
    validateUpdate: (next, old, context) =>
      context.subresource === 'status'
        ? validateStatus(next, old, schemaOf(context))
        : validateUpdate(next, old, schemaOf(context)),
    warnings: (object, context) => finalizerWarnings(object, context, rules),
    allocate: (object, old) => {
      if (old === null && rules.isTerminating) {
        const why = 'create not allowed while custom resource definition is terminating';
        throw forbidden({ group: rules.group, plural: rules.plural }, object.metadata.name, why);
      }
      return object;
    },
    countsGeneration: (next, old) => !sameJson(countedMembers(next, rules), countedMembers(old, rules)),
    allowsCreateOnUpdate: false,
    allowsUnconditionalUpdate: false,
    resetFields: rules.hasStatus ? { '': ['status'], status: ['metadata', 'spec'] } : {},
  };
}

function withoutStatus(object: ApiObject): ApiObject {
  if (!Object.hasOwn(object, 'status')) return object;
  const { status: _dropped, ...rest } = object;
  return rest;
}

function prepareUpdate(
  next: ApiObject,
  old: ApiObject,
  context: WriteContext,
  rules: CustomRules,
): ApiObject {
  if (context.subresource === 'status') return onlyStatus(next, old);
  if (!rules.hasStatus) return next;
  const rest = withoutStatus(next);
  return Object.hasOwn(old, 'status') ? { ...rest, status: old['status'] } : rest;
}

/** The old object with the new status, and with what was noted of who wrote it. */
function onlyStatus(next: ApiObject, old: ApiObject): ApiObject {
  const { managedFields: _dropped, ...metadata } = old.metadata;
  const { managedFields } = next.metadata;
  return {
    ...withoutStatus(old),
    metadata: { ...metadata, ...(managedFields === undefined ? {} : { managedFields }) },
    ...(Object.hasOwn(next, 'status') ? { status: next['status'] } : {}),
  };
}

/** All but the metadata, and but the status where it has an endpoint of its own. */
function countedMembers(object: ApiObject, rules: CustomRules): JsonObject {
  const { metadata: _meta, apiVersion: _apiVersion, ...rest } = object;
  if (!rules.hasStatus) return rest;
  const { status: _status, ...counted } = rest;
  return counted;
}

function validateCreate(object: ApiObject, schema: JsonSchema | null, rules: CustomRules): FieldError[] {
  const metaRules = { namespaced: rules.namespaced, checkName: checkSubdomainName };
  return [
    ...withoutBareFinalizers(validateObjectMeta(object.metadata, metaRules)),
    ...(schema === null ? [] : validateValue(object, schema)),
    ...validateEmbedded(object, schema, ''),
    ...validateListTypes(object, schema),
  ];
}

function validateUpdate(next: ApiObject, old: ApiObject, schema: JsonSchema | null): FieldError[] {
  return [
    ...withoutBareFinalizers(validateObjectMetaUpdate(next.metadata, old.metadata)),
    ...(schema === null ? [] : validateChangedValue(next, old, schema)),
    ...validateEmbedded(next, schema, ''),
    ...validateChangedLists(next, old, schema),
  ];
}

function validateStatus(next: ApiObject, old: ApiObject, schema: JsonSchema | null): FieldError[] {
  const statusSchema = schema?.properties.get('status');
  const hasStatus = statusSchema !== undefined && Object.hasOwn(next, 'status');
  return [
    ...withoutBareFinalizers(validateObjectMetaUpdate(next.metadata, old.metadata)),
    ...(hasStatus ? validateChangedValue(next['status'], old['status'], statusSchema, 'status') : []),
    ...validateChangedLists(next, old, schema),
  ];
}

/** Duplicates that were there before are forgiven. */
function validateChangedLists(next: ApiObject, old: ApiObject, schema: JsonSchema | null): FieldError[] {
  const errors = validateListTypes(next, schema);
  return errors.length > 0 && validateListTypes(old, schema).length > 0 ? [] : errors;
}

const standardFinalizers = ['orphan', 'foregroundDeletion', 'kubernetes'];

function finalizerWarnings(object: ApiObject, context: WriteContext, rules: CustomRules): string[] {
  if (context.subresource !== '') return [];
  const { name, namespace = '', finalizers = [] } = object.metadata;
  const old = name === '' ? null : context.store.get({ resource: rules.storage, namespace, name });
  const known = old?.metadata.finalizers ?? [];
  return finalizers.filter((finalizer) => !known.includes(finalizer)).flatMap(finalizerWarning);
}

function finalizerWarning(finalizer: string): string[] {
  const subject = `metadata.finalizers: ${goQuote(finalizer)}`;
  const warnings = checkQualifiedName(finalizer).map((message) => `${subject}: ${message}`);
  if (finalizer.includes('/') || standardFinalizers.includes(finalizer)) return warnings;
  const advice = finalizer.includes('.')
    ? 'prefer a domain-qualified finalizer name including a path (/)'
    : 'prefer a domain-qualified finalizer name';
  return [...warnings, `${subject}: ${advice} to avoid accidental conflicts with other finalizer writers`];
}
