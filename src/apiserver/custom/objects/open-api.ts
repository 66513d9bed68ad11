// The OpenAPI v3 schema of a version as it is published: the definition's own, with what every object has.
import type { JsonObject } from '../schema/json-value.ts';
import { isJsonObject } from '../../../kube/index.ts';

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

const apiVersionDoc = 'Version of the schema in which this object is written, as group/version.';
const kindDoc = 'Kind of this object, in CamelCase.';

export function openApiOf(schema: JsonObject, groupVersionKind: GroupVersionKind): JsonObject {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  return {
    ...schema,
    type: 'object',
    properties: {
      ...properties,
      apiVersion: { type: 'string', description: apiVersionDoc },
      kind: { type: 'string', description: kindDoc },
      metadata: { type: 'object', description: 'Standard metadata of an object.' },
    },
    'x-kubernetes-group-version-kind': [groupVersionKind],
  };
}
