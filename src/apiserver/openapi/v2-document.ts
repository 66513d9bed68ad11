// Swagger 2.0 of everything, for kubectl before 1.27 and for tools that never learned version 3.
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
import type { Operation, Parameter } from './operations.ts';

const objectTypes = ['application/json', 'application/yaml'] as const;
/** Here with strategic merge: kubectl of that age computes it by the list types of this document, which has them. */
const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
] as const;

export function buildV2Document(described: readonly DescribedGroupVersion[]): JsonSchema {
  const definitions = new Definitions('v2');
  const shared = defineShared(definitions);
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const { kinds } of described) {
    for (const entry of kinds) {
      const names = { ...shared, ...defineKind(definitions, entry) };
      for (const operation of entry.operations) {
        const item = (paths[operation.path] ??= {});
        item[operation.method] = {
          ...renderOperation(operation, names),
          'x-kubernetes-group-version-kind': { ...entry.kind },
        };
      }
    }
  }
  return {
    swagger: '2.0',
    info: documentInfo,
    paths,
    definitions: Object.fromEntries(definitions.entries()),
  };
}

function renderOperation(operation: Operation, names: SharedDefinitions & KindDefinitions): JsonSchema {
  const body = operation.body === null ? null : names[operation.body];
  const answer = names[operation.answer];
  const ok = answer === null ? {} : { schema: refTo('v2', answer) };
  return {
    description: operation.description,
    consumes: operation.body === 'patch' ? patchTypes : objectTypes,
    produces: objectTypes,
    operationId: operation.id,
    parameters: [
      ...operation.parameters.map(renderParameter),
      ...(body === null ? [] : [bodyParameter(body)]),
    ],
    responses: {
      '200': { description: 'OK', ...ok },
      ...(operation.method === 'post' || operation.method === 'put'
        ? { '201': { description: 'Created', ...ok } }
        : {}),
      '401': { description: 'Unauthorized' },
    },
    'x-kubernetes-action': operation.action,
  };
}

function renderParameter({ name, in: place, type, description }: Parameter): JsonSchema {
  return { name, in: place, description, type, ...(place === 'path' ? { required: true } : {}) };
}

function bodyParameter(definition: string): JsonSchema {
  return { name: 'body', in: 'body', required: true, schema: refTo('v2', definition) };
}
