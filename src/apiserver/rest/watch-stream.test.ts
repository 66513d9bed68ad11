// Watches: bookmarks, ends, refusals, and the forms of frames.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiObject } from '../api-object.ts';
import { TestApi, widget, widgetResource, widgetsPath } from './rest.fixture.ts';

const minuteMs = 60_000;
const merge = { contentType: 'application/merge-patch+json' };

function create(api: TestApi, name: string, labels: object = {}, spec: object = {}): ApiObject {
  return api.expect(201, 'POST', widgetsPath, { body: widget(name, spec, { labels }) });
}

function label(api: TestApi, name: string, labels: object): ApiObject {
  const body = { metadata: { labels } };
  return api.expect(200, 'PATCH', `${widgetsPath}/${name}`, { body, ...merge });
}

const rv = ({ metadata }: ApiObject): string => metadata.resourceVersion ?? '';

describe('bookmarks and ends', () => {
  it('mark the end of the first events of a WatchList', () => {
    const api = new TestApi();
    const a = create(api, 'a');
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const watch = api.watch(widgetsPath, query);
    assert.deepEqual(watch.lines(), [`ADDED a@${rv(a)}`, `BOOKMARK @${api.store.revision}`]);
    assert.deepEqual(watch.frames[1]?.object, {
      kind: 'Widget',
      apiVersion: 'example.com/v1',
      metadata: {
        resourceVersion: String(api.store.revision),
        annotations: { 'k8s.io/initial-events-end': 'true' },
      },
    });
    const b = create(api, 'b');
    assert.equal(watch.lines().at(-1), `ADDED b@${rv(b)}`);
  });

  it('come each minute and at the end to those who want them', () => {
    const api = new TestApi();
    const from = `resourceVersion=${api.store.revision}&timeoutSeconds=150`;
    const marked = api.watch(widgetsPath, `${from}&allowWatchBookmarks=true`);
    const plain = api.watch(widgetsPath, from);
    api.time.advance(minuteMs);
    assert.deepEqual(marked.lines(), [`BOOKMARK @${api.store.revision}`]);
    const a = create(api, 'a');
    api.time.advance(minuteMs);
    assert.equal(marked.lines().at(-1), `BOOKMARK @${rv(a)}`);
    assert.ok(!marked.isEnded());
    api.time.advance(minuteMs);
    assert.equal(marked.frames.filter(({ type }) => type === 'BOOKMARK').length, 3);
    assert.ok(marked.isEnded());
    assert.ok(plain.isEnded());
    assert.deepEqual(plain.lines(), [`ADDED a@${rv(a)}`]);
    assert.equal(api.time.timers, 0);
    create(api, 'b');
    assert.equal(plain.frames.length, 1);
  });

  it('end a watch without a time-out after the default time', () => {
    const api = new TestApi();
    const watch = api.watch(widgetsPath);
    api.time.advance(44 * minuteMs);
    assert.ok(!watch.isEnded());
    api.time.advance(minuteMs);
    assert.ok(watch.isEnded());
  });
});

describe('a watch is refused', () => {
  it('over HTTP for options that mean nothing', () => {
    const api = new TestApi();
    const refuse = (status: number, query: string): unknown =>
      api.expect(status, 'GET', widgetsPath, { query: `watch=1&${query}` })['message'];
    assert.equal(
      refuse(422, 'sendInitialEvents=true'),
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    );
    refuse(422, 'resourceVersionMatch=NotOlderThan');
    refuse(422, 'sendInitialEvents=true&resourceVersionMatch=Exact');
    refuse(400, 'labelSelector=a b');
    refuse(400, 'timeoutSeconds=x');
    assert.match(
      String(refuse(400, 'resourceVersion=x')),
      /strconv\.ParseUint: parsing "x": invalid syntax$/,
    );
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    api.expect(400, 'GET', widgetsPath, { query: 'watch=1&includeObject=x', accept });
  });

  it('with a frame when its version is forgotten, or not there yet', () => {
    const api = new TestApi(undefined, {}, { history: { minEvents: 1, minAgeMs: 0, maxEvents: 2 } });
    const a = create(api, 'a');
    for (let index = 0; index < 200; index += 1) {
      api.time.advance(3_600_000);
      label(api, 'a', { index: String(index) });
    }
    const old = api.watch(widgetsPath, `resourceVersion=${rv(a)}`);
    assert.ok(old.isEnded());
    const [frame] = old.frames;
    assert.equal(frame?.type, 'ERROR');
    assert.equal(frame?.object['code'], 410);
    assert.equal(frame?.object['reason'], 'Expired');
    assert.match(
      String(frame?.object['message']),
      new RegExp(`^too old resource version: ${rv(a)} \\(\\d+\\)$`),
    );
    const query = `sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=${api.store.revision + 1}`;
    const early = api.watch(widgetsPath, query);
    assert.equal(early.frames[0]?.object['code'], 504);
    assert.ok(early.isEnded());
    assert.equal(api.time.timers, 0);
  });

  it('in the middle when an object cannot be rendered, without telling why', () => {
    const broken = widgetResource({
      printer: {
        columns: [],
        cells: ({ metadata }) => {
          throw new Error(`no cells for ${metadata.name}`);
        },
      },
    });
    const api = new TestApi([broken]);
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const watch = api.watch(widgetsPath, `resourceVersion=${api.store.revision}`, accept);
    create(api, 'secret-name');
    assert.deepEqual(watch.frames[0]?.object['message'], 'Internal error occurred: the watch failed');
    assert.ok(watch.isEnded());
    assert.equal(api.logged.length, 1);
    assert.doesNotMatch(JSON.stringify(api.logged), /secret-name/);
  });
});

describe('tables', () => {
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';

  it('have their columns in the first frame only', () => {
    const api = new TestApi();
    create(api, 'a');
    const watch = api.watch(widgetsPath, 'allowWatchBookmarks=true', accept);
    label(api, 'a', { x: 'y' });
    api.expect(200, 'DELETE', `${widgetsPath}/a`);
    const tables = watch.frames.map(({ type, object }) => ({
      type,
      object: object as Record<string, unknown>,
    }));
    assert.deepEqual(
      tables.map(({ type }) => type),
      ['ADDED', 'BOOKMARK', 'MODIFIED', 'DELETED'],
    );
    assert.deepEqual(
      tables.map(({ object }) => object['columnDefinitions'] === null),
      [false, true, true, true],
    );
    for (const { object } of tables) assert.equal(object['kind'], 'Table');
    const rows = tables[3]?.object['rows'] as { cells: unknown[] }[] | undefined;
    assert.deepEqual(rows?.[0]?.cells, ['a', 'red']);
    assert.deepEqual(tables[3]?.object['metadata'], { resourceVersion: String(api.store.revision) });
  });

  it('and metadata alone come for those who ask', () => {
    const api = new TestApi();
    create(api, 'a');
    const partial = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
    const watch = api.watch(widgetsPath, 'allowWatchBookmarks=true', partial);
    assert.deepEqual(
      watch.frames.map(({ object }) => object['kind']),
      ['PartialObjectMetadata', 'PartialObjectMetadata'],
    );
    assert.deepEqual(Object.keys(watch.frames[0]?.object ?? {}), ['kind', 'apiVersion', 'metadata']);
  });
});
