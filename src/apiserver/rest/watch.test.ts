// Watches: where they start, what a selection sees.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ApiObject } from '../api-object.ts';
import { TestApi, widget, widgetsPath } from './rest.fixture.ts';

const merge = { contentType: 'application/merge-patch+json' };

function create(api: TestApi, name: string, labels: object = {}, spec: object = {}): ApiObject {
  return api.expect(201, 'POST', widgetsPath, { body: widget(name, spec, { labels }) });
}

function label(api: TestApi, name: string, labels: object): ApiObject {
  const body = { metadata: { labels } };
  return api.expect(200, 'PATCH', `${widgetsPath}/${name}`, { body, ...merge });
}

const rv = ({ metadata }: ApiObject): string => metadata.resourceVersion ?? '';

describe('a watch', () => {
  it('from a version tells what came behind it, and no more', () => {
    const api = new TestApi();
    const a = create(api, 'a');
    const b = create(api, 'b');
    const watch = api.watch(widgetsPath, `resourceVersion=${rv(a)}`);
    const changed = label(api, 'a', { x: 'y' });
    api.expect(200, 'DELETE', `${widgetsPath}/b`);
    assert.deepEqual(watch.lines(), [
      `ADDED b@${rv(b)}`,
      `MODIFIED a@${rv(changed)}`,
      `DELETED b@${api.store.revision}`,
    ]);
    assert.deepEqual(watch.frames[1]?.object, changed);
    watch.stop();
    create(api, 'c');
    assert.equal(watch.frames.length, 3);
    assert.equal(api.time.timers, 0);
  });

  it('without a version, or from 0, tells first what is there', () => {
    const api = new TestApi();
    const a = create(api, 'a');
    for (const query of ['', 'resourceVersion=0', 'resourceVersion=0&fieldSelector=metadata.name%3Da']) {
      const watch = api.watch(widgetsPath, query);
      assert.deepEqual(watch.lines(), [`ADDED a@${rv(a)}`]);
      watch.stop();
    }
    const watch = api.watch(widgetsPath, 'sendInitialEvents=false&resourceVersionMatch=NotOlderThan');
    assert.deepEqual(watch.lines(), []);
  });

  it('of one name in its deprecated path sees no other', () => {
    const api = new TestApi();
    create(api, 'a');
    create(api, 'b');
    const response = api.respond('GET', '/apis/example.com/v1/watch/namespaces/shop/widgets/b');
    assert.ok(response.kind === 'watch');
    const names: unknown[] = [];
    response.open({
      frame: ({ object }) => names.push((object as ApiObject).metadata.name) > 0,
      end: () => {},
    });
    assert.deepEqual(names, ['b']);
  });

  it('sees of all namespaces, or of one', () => {
    const api = new TestApi();
    const all = api.watch('/apis/example.com/v1/widgets');
    const one = api.watch(widgetsPath);
    const other = api.watch('/apis/example.com/v1/widgets', 'fieldSelector=metadata.namespace%3Dother');
    create(api, 'a');
    api.expect(201, 'POST', '/apis/example.com/v1/namespaces/other/widgets', { body: widget('b') });
    assert.deepEqual(
      [all, one, other].map(({ frames }) => frames.length),
      [2, 1, 1],
    );
  });

  it('comes in the version of the request', () => {
    const api = new TestApi();
    const watch = api.watch('/apis/example.com/v1beta1/widgets');
    create(api, 'a', {}, { size: 2 });
    const [frame] = watch.frames;
    assert.deepEqual(frame?.object['spec'], { color: 'red', width: 2 });
    // Two watches get the same value, which is rendered once.
    const second = api.watch('/apis/example.com/v1beta1/widgets');
    assert.equal(second.frames[0]?.object, frame?.object);
  });
});

describe('a watch with a selection', () => {
  it('is told of what begins and ceases to be selected', () => {
    const api = new TestApi();
    create(api, 'a');
    const watch = api.watch(widgetsPath, `resourceVersion=${api.store.revision}&labelSelector=app%3Dx`);
    const begun = label(api, 'a', { app: 'x' });
    const still = label(api, 'a', { app: 'x', more: 'y' });
    const ceased = label(api, 'a', { app: 'z' });
    label(api, 'a', { app: 'w' });
    api.expect(200, 'DELETE', `${widgetsPath}/a`);
    create(api, 'b', { app: 'x' });
    api.expect(200, 'DELETE', `${widgetsPath}/b`);
    assert.deepEqual(watch.lines(), [
      `ADDED a@${rv(begun)}`,
      `MODIFIED a@${rv(still)}`,
      `DELETED a@${rv(ceased)}`,
      `ADDED b@${api.store.revision - 1}`,
      `DELETED b@${api.store.revision}`,
    ]);
    // The last state that was selected, at the version of the change.
    const left = watch.frames[2]?.object as ApiObject | undefined;
    assert.deepEqual(left?.metadata.labels, { app: 'x', more: 'y' });
  });

  it('knows at every moment what a list would show', () => {
    const step = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      action: fc.constantFrom('select', 'leave', 'delete', 'size'),
      size: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.nat(10), (steps, openAt) => {
        const api = new TestApi();
        const query = 'labelSelector=pick';
        const seen = new Map<string, ApiObject>();
        let watch: ReturnType<TestApi['watch']> | null = null;
        let told = 0;
        for (const [index, { name, action, size }] of steps.entries()) {
          if (index === openAt) watch = api.watch(widgetsPath, query);
          const path = `${widgetsPath}/${name}`;
          if (action === 'delete') api.call('DELETE', path);
          else if (api.call('GET', path).status === 404)
            create(api, name, action === 'select' ? { pick: '1' } : {});
          else if (action === 'size') api.call('PATCH', path, { body: { spec: { size } }, ...merge });
          else label(api, name, { pick: action === 'select' ? '1' : null });
          if (watch === null) continue;
          for (const { type, object } of watch.frames.slice(told)) {
            const { metadata } = object as ApiObject;
            assert.equal(seen.has(metadata.name), type !== 'ADDED', `${type} ${metadata.name}`);
            if (type === 'DELETED') seen.delete(metadata.name);
            else seen.set(metadata.name, object as ApiObject);
          }
          told = watch.frames.length;
          const { items } = api.expect(200, 'GET', widgetsPath, { query }) as unknown as {
            items: ApiObject[];
          };
          const known = [...seen.values()].sort((l, r) => (l.metadata.name < r.metadata.name ? -1 : 1));
          const untyped = known.map(({ apiVersion: _apiVersion, kind: _kind, ...members }) => members);
          assert.deepEqual(untyped, items);
        }
      }),
      { numRuns: 80 },
    );
  });
});
