// CustomResourceDefinition as a row of the API.
import type { Resource } from '../../registry/resource.ts';
import { decodeDefinition, defaultDefinition } from './decode-definition.ts';
import { definitionSchema } from './definition-schema.ts';
import { customResourceDefinitionStrategy } from './definition-strategy.ts';
import { definitionGroup, definitionStorage } from './definition-types.ts';

export const customResourceDefinitionResource: Resource = {
  group: definitionGroup,
  plural: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  kind: 'CustomResourceDefinition',
  listKind: 'CustomResourceDefinitionList',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  storage: definitionStorage,
  storageApiVersion: `${definitionGroup}/v1`,
  versions: [
    {
      version: 'v1',
      schema: definitionSchema,
      deprecation: null,
      toStorage: defaultDefinition,
      fromStorage: (object) => object,
      decode: decodeDefinition,
    },
  ],
  verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: ['status'],
  strategy: customResourceDefinitionStrategy,
  selectableFields: new Map(),
  printer: {
    columns: [
      { name: 'Name', type: 'string', format: 'name', description: 'Name of the definition.', priority: 0 },
      {
        name: 'Created At',
        type: 'date',
        format: '',
        description: 'Time of creation, set by the server.',
        priority: 0,
      },
    ],
    cells: ({ metadata }) => [metadata.name, metadata.creationTimestamp ?? '<unknown>'],
  },
  doc: 'CustomResourceDefinition adds a resource to the API: its names, versions and schema. Deleting it deletes its objects.',
};
