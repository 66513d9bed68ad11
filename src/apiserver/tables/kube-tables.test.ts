// Tables as kube-apiserver 1.36.3 printed them, recorded with the objects: the same columns and the same cells must come out here.
import { deepEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { deepFreeze } from '../../../test/deep-freeze.ts';
import { decodeStructure } from '../../kube/index.ts';
import type { ApiObject } from '../api-object.ts';
import { createRegistry, type Resource } from '../registry/index.ts';

interface RecordedTable {
  readonly path: string;
  readonly now: string;
  readonly columns: readonly (readonly [name: string, type: string, format: string, priority: number])[];
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: ApiObject }[];
}

const file = new URL('kube-tables.golden', import.meta.url);
const tables = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as RecordedTable);

const registry = createRegistry();

function resourceAt(path: string): Resource {
  const [, root = '', ...parts] = path.split('/');
  const [group = '', version = ''] = root === 'api' ? ['', parts[0]] : parts;
  const resource = registry.lookup(group, version, path.slice(path.lastIndexOf('/') + 1));
  if (resource === null) throw new Error(`nothing is served at "${path}"`);
  return resource;
}

for (const { path, now, columns, rows } of tables) {
  test(`${path} is printed as kube-apiserver prints it`, () => {
    const { printer, versions } = resourceAt(path);
    const [version] = versions;
    if (version === undefined) throw new Error('a resource has at least one version');
    const printed = printer.columns.map(({ name, type, format, priority }) => [name, type, format, priority]);
    deepEqual(printed, columns);
    for (const { cells, object } of rows) {
      const { value } = decodeStructure(object, version.schema);
      const stored = version.toStorage(deepFreeze(value as unknown as ApiObject));
      deepEqual(printer.cells(deepFreeze(stored), Date.parse(now)), cells);
    }
  });
}

test('every kind has columns, and a cell for each of them whatever an object looks like', () => {
  for (const { kind, printer } of registry.resources()) {
    const bare: ApiObject = deepFreeze({ apiVersion: 'v1', kind, metadata: { name: 'x' } });
    const hostile: ApiObject = deepFreeze({
      ...bare,
      spec: { rules: 7, ports: 'x', template: [], metrics: [null, 5], scaleTargetRef: 'x', replicas: 'many' },
      status: [],
      subsets: [1, null],
      endpoints: [{ addresses: 4 }],
      subjects: 'all',
      webhooks: {},
      involvedObject: 5,
    });
    for (const object of [bare, hostile]) {
      deepEqual(printer.cells(object, 0).length, printer.columns.length, kind);
    }
    for (const { description, name } of printer.columns) {
      deepEqual(description.length > 0, true, `${kind} ${name}`);
    }
  }
});
