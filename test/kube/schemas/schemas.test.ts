// What the schemas say besides the published facts: texts for `kubectl explain`, defaults of map keys, decoding of stored kinds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeStructure, kindSchemas, listKindOf, schemaOf } from '../../../src/kube/index.ts';
import type { Schema, StructSchema } from '../../../src/kube/index.ts';

function schema(apiVersion: string, kind: string): StructSchema {
  const found = schemaOf(apiVersion, kind);
  assert(found !== undefined, `${apiVersion} ${kind} has a schema`);
  return found;
}

/** Kinds that are kept for the manifests that bring them; only their main members are explained. */
const onlyStored: ReadonlySet<string> = new Set(['Pod', 'Deployment', 'Node']);

function undocumented(shape: Schema, path: string): string[] {
  if (shape.shape === 'scalar') return [];
  if (shape.shape === 'list') return undocumented(shape.items, `${path}[]`);
  if (shape.shape === 'map') return undocumented(shape.values, `${path}{}`);
  return [...shape.members].flatMap(([name, member]) => [
    ...(member.doc === undefined ? [`${path}.${name}`] : []),
    ...undocumented(member.schema, `${path}.${name}`),
  ]);
}

for (const { apiVersion, kind, schema: shape } of kindSchemas) {
  if (onlyStored.has(kind)) continue;
  test(`${apiVersion} ${kind}: every member is explained`, () => {
    assert.deepEqual(undocumented(shape, kind), []);
  });
}

test('stored kinds: spec and status and what they consist of first are explained', () => {
  const pod = schema('v1', 'Pod').members.get('spec')?.schema;
  assert(pod?.shape === 'struct');
  for (const name of ['containers', 'volumes', 'nodeSelector', 'serviceAccountName']) {
    assert(pod.members.get(name)?.doc !== undefined, name);
  }
});

test('keys of map lists that may be left out have a default', () => {
  const spec = schema('v1', 'Service').members.get('spec')?.schema;
  assert(spec?.shape === 'struct');
  const ports = spec.members.get('ports')?.schema;
  assert(ports?.shape === 'list' && ports.items.shape === 'struct');
  assert.equal(ports.items.members.get('protocol')?.defaultText, 'TCP');
});

test('a deployment keeps what it says, and its misspelt members are found', () => {
  const raw = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: [
            {
              name: 'web',
              image: 'nginx',
              ports: [{ containerPort: 80 }],
              resources: { limits: { cpu: 0.5, memory: '1Gi' } },
              livenessProbe: { httpGet: { path: '/', port: 'http' } },
            },
          ],
          volumes: [{ name: 'conf', configMap: { name: 'conf' } }],
        },
      },
    },
  };
  const deployment = schema('apps/v1', 'Deployment');
  const decoded = decodeStructure(raw, deployment);
  const container = {
    ...raw.spec.template.spec.containers[0],
    resources: { limits: { cpu: '0.5', memory: '1Gi' } },
  };
  const wanted = structuredClone(raw);
  Object.assign(wanted.spec.template.spec, { containers: [container] });
  // Structs that are no pointers in Go are always there.
  Object.assign(wanted.spec, { strategy: {} });
  Object.assign(wanted, { status: {} });
  assert.deepEqual(decoded, { value: wanted, typeErrors: [], unknownFields: [] });
  Object.assign(raw.spec.template.spec.containers[0] ?? {}, { imagePullSecrets: [] });
  assert.deepEqual(decodeStructure(raw, deployment).unknownFields, [
    'spec.template.spec.containers[0].imagePullSecrets',
  ]);
});

test('a list of a kind has list metadata and items', () => {
  const list = listKindOf(schema('v1', 'Secret'));
  assert.equal(list.goType, 'v1.SecretList');
  const raw = {
    apiVersion: 'v1',
    kind: 'SecretList',
    metadata: { resourceVersion: '7' },
    items: [{ metadata: { name: 'a' } }],
  };
  assert.deepEqual(decodeStructure(raw, list).value, {
    ...raw,
    items: [{ apiVersion: '', kind: '', metadata: { name: 'a' } }],
  });
});
