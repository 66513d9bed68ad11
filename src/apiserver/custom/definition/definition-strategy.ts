// How CustomResourceDefinitions behave when they are written (apiextensions-apiserver pkg/registry/customresourcedefinition).
import type { ApiObject } from '../../api-object.ts';
import type { Strategy, WriteContext } from '../../registry/resource.ts';
import { sameJson } from '../schema/json-value.ts';
import { defaultDefinition } from './decode-definition.ts';
import { establishDefinition, listDefinitions, renderTime, setCondition } from './definition-status.ts';
import {
  cleanupFinalizer,
  type Definition,
  definitionOf,
  definitionStorage,
  type DefinitionStatus,
} from './definition-types.ts';
import { definitionWarnings } from './definition-warnings.ts';
import {
  validateDefinition,
  validateDefinitionStatus,
  validateDefinitionUpdate,
} from './validate-definition.ts';

export const customResourceDefinitionStrategy: Strategy = {
  prepareCreate: (object) => {
    const definition = defaultDefinition(object);
    const status = { conditions: [], acceptedNames: { plural: '', kind: '' }, storedVersions: [] };
    return withStorageVersion({ ...definition, status });
  },
  prepareUpdate: (next, old, context) => {
    const definition = defaultDefinition(next);
    const before = definitionOf(old);
    if (context.subresource === 'status') return { ...definition, spec: before.spec };
    return withStorageVersion({ ...definition, status: before.status });
  },
  validateCreate: (object) => validateDefinition(definitionOf(object)),
  validateUpdate: (next, old, context) => {
    const validate = context.subresource === 'status' ? validateDefinitionStatus : validateDefinitionUpdate;
    return validate(definitionOf(next), definitionOf(old));
  },
  warnings: (object, context) => {
    if (context.subresource !== '') return [];
    const old = storedDefinition(object, context);
    const known = new Set(old === null ? [] : definitionWarnings(old));
    return definitionWarnings(definitionOf(object)).filter((text) => !known.has(text));
  },
  allocate: (object, _old, context) => {
    if (context.subresource !== '') return object;
    const definition = definitionOf(object);
    const status = establishDefinition(definition, listDefinitions(context.store), context.nowMs);
    return { ...definition, status };
  },
  beforeDelete: (object, context) => {
    const definition = definitionOf(object);
    if (definition.metadata.deletionTimestamp !== undefined) {
      return definition.metadata.finalizers?.includes(cleanupFinalizer) === true ? object : null;
    }
    return terminateDefinition(definition, context.nowMs);
  },
  countsGeneration: (next, old) => !sameJson(definitionOf(next).spec, definitionOf(old).spec),
  allowsCreateOnUpdate: false,
  allowsUnconditionalUpdate: false,
  resetFields: { '': ['status'], status: ['spec'] },
};

function withStorageVersion(definition: Definition): Definition {
  const { spec, status } = definition;
  const storage = spec.versions.find((version) => version.storage)?.name;
  if (storage === undefined || status.storedVersions.includes(storage)) return definition;
  return { ...definition, status: { ...status, storedVersions: [...status.storedVersions, storage] } };
}

function storedDefinition(object: ApiObject, { store }: WriteContext): Definition | null {
  const stored = store.get({ resource: definitionStorage, namespace: '', name: object.metadata.name });
  return stored === null ? null : definitionOf(stored);
}

/** The definition goes when its objects are gone; `CustomResources` sees to both. */
function terminateDefinition(definition: Definition, nowMs: number): Definition {
  const { metadata, status } = definition;
  const finalizers = (metadata.finalizers ?? []).filter((name) => name !== cleanupFinalizer);
  return {
    ...definition,
    metadata: {
      ...metadata,
      deletionTimestamp: renderTime(nowMs),
      finalizers: [...finalizers, cleanupFinalizer],
    },
    status: terminating(
      status,
      'InstanceDeletionPending',
      'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
      nowMs,
    ),
  };
}

/** A status that says that the deletion goes on. */
export function terminating(
  status: DefinitionStatus,
  reason: string,
  message: string,
  nowMs: number,
): DefinitionStatus {
  const condition = { type: 'Terminating', status: 'True', reason, message };
  return { ...status, conditions: setCondition(status.conditions, condition, nowMs) };
}
