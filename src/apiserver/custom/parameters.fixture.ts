// A definition and its objects for tests: the parameters of the controller, cluster-wide, as the project ships them.
import type { ApiObject } from '../api-object.ts';
import type { WriteContext } from '../registry/resource.ts';
import { memoryPath, type ObjectStore, openStore } from '../storage/index.ts';
import { decodeDefinition, defaultDefinition } from './definition/decode-definition.ts';
import { customResourceDefinitionStrategy } from './definition/definition-strategy.ts';
import { type Definition, definitionOf, definitionStorage } from './definition/definition-types.ts';
import type { JsonObject } from './schema/json-value.ts';

export const nowMs = Date.parse('2026-03-01T12:00:00Z');

export const parametersSchema: JsonObject = {
  type: 'object',
  description: 'Settings of the controller for all classes that name this object.',
  properties: {
    spec: {
      type: 'object',
      properties: {
        settings: {
          type: 'object',
          description: 'Keys and values as in the ConfigMap of the controller.',
          additionalProperties: { type: 'string' },
        },
      },
    },
    status: {
      type: 'object',
      properties: {
        conditions: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['type'],
          items: {
            type: 'object',
            required: ['type', 'status'],
            properties: {
              type: { type: 'string' },
              status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
              reason: { type: 'string' },
              message: { type: 'string', maxLength: 32768 },
              lastTransitionTime: { type: 'string', format: 'date-time' },
            },
          },
        },
      },
    },
  },
};

/** The definition that the project ships. */
export const parametersDefinition: JsonObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'sallyportparameters.sallyport.dev' },
  spec: {
    group: 'sallyport.dev',
    names: { plural: 'sallyportparameters', kind: 'SallyportParameters', shortNames: ['spp'] },
    scope: 'Cluster',
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: parametersSchema },
        subresources: { status: {} },
        additionalPrinterColumns: [
          {
            name: 'Accepted',
            type: 'string',
            jsonPath: '.status.conditions[?(@.type=="Accepted")].status',
          },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
      },
    ],
  },
};

/** A definition of `widgets.example.com` with this schema of `spec`. */
export function widgetDefinition(
  spec: JsonObject,
  version: JsonObject = {},
  more: JsonObject = {},
): JsonObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      names: { plural: 'widgets', kind: 'Widget' },
      scope: 'Cluster',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
          ...version,
        },
      ],
      ...more,
    },
  };
}

export function memoryStore(): ObjectStore {
  return openStore({ path: memoryPath });
}

export function writeContext(store: ObjectStore, changes: Partial<WriteContext> = {}): WriteContext {
  return { store, nowMs, subresource: '', isDryRun: false, warn: () => undefined, ...changes };
}

/** A body, decoded and defaulted. */
export function decodedDefinition(raw: JsonObject): Definition {
  // Decoding keeps the members that every object has.
  return defaultDefinition(decodeDefinition(raw).value as unknown as ApiObject);
}

/** What creating the definition stores: prepared, and with its status. */
export function createdDefinition(raw: JsonObject, store: ObjectStore): Definition {
  const context = writeContext(store);
  const prepared = customResourceDefinitionStrategy.prepareCreate(decodedDefinition(raw), context);
  return definitionOf(customResourceDefinitionStrategy.allocate?.(prepared, null, context) ?? prepared);
}

export function storeDefinition(raw: JsonObject, store: ObjectStore): Definition {
  const object = createdDefinition(raw, store);
  const key = { resource: definitionStorage, namespace: '', name: object.metadata.name };
  store.write([{ kind: 'put', key, object }]);
  return object;
}
