// OpenAPI 3.0 of one group version. Its PATCH does not name strategic merge: kubectl then computes such patches by the Go types that
// it has built in, and sends them all the same; named, it would go by the list types published here and refuse what they lack.
import {
  type DescribedGroupVersion,
  defineKind,
  defineShared,
  type KindDefinitions,
  type SharedDefinitions,
} from './described-kinds.ts';
import { Definitions } from './definitions.ts';
import { type JsonSchema, refTo } from './dialect.ts';
import { documentInfo } from './document-info.ts';
import type { Operation } from './operations.ts';

const objectTypes = ['application/json', 'application/yaml'] as const;
const patchTypes = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
] as const;

export function buildV3Document({ kinds }: DescribedGroupVersion): JsonSchema {
  const definitions = new Definitions('v3');
  const shared = defineShared(definitions);
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const described of kinds) {
    const names = { ...shared, ...defineKind(definitions, described) };
    for (const operation of described.operations) {
      const item = (paths[operation.path] ??= {});
      item[operation.method] = {
        ...renderOperation(operation, names),
        'x-kubernetes-group-version-kind': { ...described.kind },
      };
    }
  }
  return {
    openapi: '3.0.0',
    info: documentInfo,
    paths,
    components: { schemas: Object.fromEntries(definitions.entries()) },
  };
}

function renderOperation(operation: Operation, names: SharedDefinitions & KindDefinitions): JsonSchema {
  const body = operation.body === null ? null : names[operation.body];
  const answer = content(objectTypes, names[operation.answer]);
  return {
    description: operation.description,
    operationId: operation.id,
    parameters: operation.parameters.map(({ name, in: place, type, description }) => ({
      name,
      in: place,
      description,
      ...(place === 'path' ? { required: true } : {}),
      schema: { type, uniqueItems: true },
    })),
    ...(body === null
      ? {}
      : {
          requestBody: {
            content: content(operation.body === 'patch' ? patchTypes : objectTypes, body),
            ...(operation.body === 'deleteOptions' ? {} : { required: true }),
          },
        }),
    responses: {
      '200': { description: 'OK', content: answer },
      ...(operation.method === 'post' || operation.method === 'put'
        ? { '201': { description: 'Created', content: answer } }
        : {}),
      '401': { description: 'Unauthorized' },
    },
    'x-kubernetes-action': operation.action,
  };
}

function content(types: readonly string[], definition: string | null): JsonSchema {
  const schema = definition === null ? {} : { schema: refTo('v3', definition) };
  return Object.fromEntries(types.map((type) => [type, schema]));
}
