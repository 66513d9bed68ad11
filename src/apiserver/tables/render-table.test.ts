// The Table form: what a row carries, which metadata a table has, when columns are left out; and the cells of pods that are going.
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from '../../../test/deep-freeze.ts';
import type { ApiObject } from '../api-object.ts';
import { namespacePrinter } from './print-core.ts';
import { podPrinter } from './print-pod.ts';
import {
  parseIncludeObject,
  renderBookmarkTable,
  renderObjectTable,
  renderTable,
  type IncludeObject,
} from './render-table.ts';

const nowMs = Date.parse('2026-03-01T12:00:00Z');
const namespace: ApiObject = deepFreeze({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'n', resourceVersion: '7', creationTimestamp: '2026-03-01T11:59:00Z' },
  status: { phase: 'Active' },
});

function rowObject(includeObject: IncludeObject): unknown {
  const fromStorage = (object: ApiObject): ApiObject => ({ ...object, apiVersion: 'v9' });
  const table = renderTable([namespace], namespacePrinter, {
    includeObject,
    nowMs,
    listMeta: {},
    fromStorage,
  });
  deepEqual(table.rows[0]?.cells, ['n', 'Active', '60s']);
  return table.rows[0]?.object;
}

test('a row carries the metadata, the object in the version of the request, or nothing', () => {
  equal(rowObject('None'), null);
  deepEqual(rowObject('Metadata'), {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: namespace.metadata,
  });
  deepEqual(rowObject('Object'), { ...namespace, apiVersion: 'v9' });
});

test('includeObject is one of three words, or empty', () => {
  deepEqual(['', 'None', 'Metadata', 'Object', 'all', 'object'].map(parseIncludeObject), [
    'Metadata',
    'None',
    'Metadata',
    'Object',
    null,
    null,
  ]);
});

test('a list has the metadata of the list, an object its own version', () => {
  const options = { includeObject: 'None', nowMs } as const;
  const listMeta = { resourceVersion: '9', continue: 'c', remainingItemCount: 4 };
  const list = renderTable([], namespacePrinter, { ...options, listMeta });
  deepEqual(list, {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: listMeta,
    columnDefinitions: namespacePrinter.columns,
    rows: [],
  });
  deepEqual(renderObjectTable(namespace, namespacePrinter, options).metadata, { resourceVersion: '7' });
});

test('later events of a watch have no columns, and a bookmark has one empty row with its annotation', () => {
  const options = { includeObject: 'Metadata', nowMs, hasColumns: false } as const;
  equal(renderObjectTable(namespace, namespacePrinter, options).columnDefinitions, null);
  const metadata = { resourceVersion: '12', annotations: { 'k8s.io/initial-events-end': 'true' } };
  deepEqual(renderBookmarkTable(metadata, namespacePrinter), {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: '12' },
    columnDefinitions: null,
    rows: [
      {
        cells: ['', '', ''],
        object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata },
      },
    ],
  });
});

function podCells(metadata: object, status: object): readonly unknown[] {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', creationTimestamp: '2026-03-01T11:00:00Z', ...metadata },
    spec: { containers: [{ name: 'a' }] },
    status,
  };
  return podPrinter.cells(deepFreeze(pod), nowMs).slice(1, 5);
}

test('a pod that is going says so, until its containers have ended or its node is lost', () => {
  const going = { deletionTimestamp: '2026-03-01T11:59:00Z' };
  deepEqual(podCells(going, { phase: 'Running' }), ['0/1', 'Terminating', '0', '60m']);
  deepEqual(podCells(going, { phase: 'Running', reason: 'NodeLost' }), ['0/1', 'Unknown', '0', '60m']);
  deepEqual(podCells(going, { phase: 'Succeeded' }), ['0/1', 'Succeeded', '0', '60m']);
});

test('restarts tell how long ago the last one was', () => {
  const ended = (finishedAt: string): object => ({ terminated: { exitCode: 1, finishedAt } });
  const containerStatuses = [
    {
      name: 'a',
      restartCount: 2,
      state: { running: {} },
      ready: true,
      lastState: ended('2026-03-01T11:50:00Z'),
    },
    { name: 'b', restartCount: 1, state: {}, lastState: ended('2026-03-01T11:40:00Z') },
  ];
  deepEqual(podCells({}, { phase: 'Running', containerStatuses }), ['1/1', 'Running', '3 (10m ago)', '60m']);
});
