// Replacing: versions, generations, writes that change nothing, and the end of an object by its last finalizer.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ApiObject } from '../api-object.ts';
import { gadget, gadgetsPath, TestApi, widget, widgetsPath } from './rest.fixture.ts';

const path = `${widgetsPath}/a`;

function apiWith(spec: object = { size: 1 }, metadata: object = {}): { api: TestApi; stored: ApiObject } {
  const api = new TestApi();
  const stored = api.expect(201, 'POST', widgetsPath, { body: widget('a', spec, metadata) });
  return { api, stored };
}

const withSpec = (object: ApiObject, spec: object): ApiObject => ({ ...object, spec });
const versionOf = ({ metadata }: ApiObject): number => Number(metadata.resourceVersion);

describe('replacing an object', () => {
  it('counts a generation when the spec changes, and not for what is beside it', () => {
    const { api, stored } = apiWith();
    const changed = api.expect(200, 'PUT', path, { body: withSpec(stored, { size: 2 }) });
    assert.equal(changed.metadata.generation, 2);
    assert.ok(versionOf(changed) > versionOf(stored));
    assert.deepEqual(changed['spec'], { color: 'red', size: 2 });
    const labelled = { ...changed, metadata: { ...changed.metadata, labels: { x: 'y' }, generation: 99 } };
    assert.equal(api.expect(200, 'PUT', path, { body: labelled }).metadata.generation, 2);
  });

  it('keeps what the server said, whatever the client sends', () => {
    const { api, stored } = apiWith();
    const body = widget('a', { size: 2 }, { creationTimestamp: '2000-01-01T00:00:00Z', selfLink: '/x' });
    const { metadata } = api.expect(200, 'PUT', path, { body });
    assert.equal(metadata.uid, stored.metadata.uid);
    assert.equal(metadata.creationTimestamp, stored.metadata.creationTimestamp);
    assert.equal(metadata.selfLink, undefined);
  });

  it('writes nothing when nothing changes', () => {
    const { api, stored } = apiWith({ size: 1, color: 'blue' }, { labels: { a: 'b' } });
    const watch = api.watch(widgetsPath, `resourceVersion=${api.store.revision}`);
    api.time.advance(5_000);
    assert.deepEqual(api.expect(200, 'PUT', path, { body: stored }), stored);
    // Members in another order, and without what the server fills in.
    const body = { spec: { color: 'blue', size: 1 }, metadata: { labels: { a: 'b' }, name: 'a' } };
    assert.deepEqual(api.expect(200, 'PUT', path, { body }), stored);
    const contentType = 'application/merge-patch+json';
    assert.deepEqual(api.expect(200, 'PATCH', path, { body: { spec: { size: 1 } }, contentType }), stored);
    assert.deepEqual(watch.frames, []);
  });

  it('is refused for a version that is old, missing where it must be, or no version', () => {
    const { api, stored } = apiWith();
    api.expect(200, 'PUT', path, { body: withSpec(stored, { size: 2 }) });
    assert.deepEqual(api.expect(409, 'PUT', path, { body: withSpec(stored, { size: 3 }) }), {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message:
        'Operation cannot be fulfilled on widgets.example.com "a": the object has been modified; please apply your changes to the latest version and try again',
      reason: 'Conflict',
      details: { name: 'a', group: 'example.com', kind: 'widgets' },
      code: 409,
    });
    api.expect(400, 'PUT', path, { body: widget('a', {}, { resourceVersion: 'x' }) });
    api.expect(200, 'PUT', path, { body: widget('a', { size: 9 }) });
    api.expect(201, 'POST', gadgetsPath, { body: gadget('g') });
    const refusal = api.expect(422, 'PUT', `${gadgetsPath}/g`, { body: gadget('g', { size: 1 }) });
    assert.equal(
      refusal['message'],
      'gadgets.example.com "g" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    );
  });

  it('is refused for another object than the path names', () => {
    const { api, stored } = apiWith();
    const refuse = (status: number, body: unknown): unknown =>
      api.expect(status, 'PUT', path, { body })['message'];
    assert.equal(
      refuse(400, widget('b')),
      'the name of the object (b) does not match the name on the URL (a)',
    );
    assert.equal(
      refuse(400, { spec: {} }),
      'the name of the object (a based on URL) was undeterminable: name must be provided',
    );
    assert.equal(
      refuse(409, widget('a', {}, { uid: 'other' })),
      `Operation cannot be fulfilled on widgets.example.com "a": Precondition failed: UID in precondition: other, UID in object meta: ${stored.metadata.uid}`,
    );
    assert.equal(
      api.expect(404, 'PUT', `${widgetsPath}/b`, { body: widget('b') })['message'],
      'widgets.example.com "b" not found',
    );
    const invalid = api.expect(422, 'PUT', path, { body: withSpec(stored, { size: -1 }) });
    assert.equal(
      invalid['message'],
      'Widget.example.com "a" is invalid: spec.size: Invalid value: -1: must not be negative',
    );
  });

  it('creates where the kind allows it', () => {
    const api = new TestApi();
    const body = gadget('g', { size: 1 }, { resourceVersion: '5' });
    const created = api.expect(201, 'PUT', `${gadgetsPath}/g`, { body });
    assert.equal(created.metadata.generation, 1);
    assert.equal(created.metadata.resourceVersion, String(api.store.revision));
    api.expect(409, 'PUT', `${gadgetsPath}/h`, { body: gadget('h', {}, { uid: 'mine' }) });
    api.expect(404, 'PUT', `${gadgetsPath}/h/status`, { body: gadget('h') });
  });

  it('leaves the other part alone on /status, and the status alone elsewhere', () => {
    const { api, stored } = apiWith();
    const body = { ...stored, spec: { size: 7 }, status: { phase: 'ready' } };
    const told = api.expect(200, 'PUT', `${path}/status`, { body });
    assert.deepEqual(told['spec'], stored['spec']);
    assert.deepEqual(told['status'], { phase: 'ready' });
    assert.equal(told.metadata.generation, 1);
    const entries = told.metadata.managedFields ?? [];
    assert.deepEqual(
      entries.map(({ subresource = '' }) => subresource),
      ['', 'status'],
    );
    const changed = api.expect(200, 'PUT', path, {
      body: { ...told, spec: { size: 7 }, status: { phase: 'x' } },
    });
    assert.deepEqual(changed['status'], { phase: 'ready' });
    assert.deepEqual(api.expect(200, 'GET', `${path}/status`), changed);
  });

  it('stores nothing on a dry run', () => {
    const { api, stored } = apiWith();
    const tried = api.expect(200, 'PUT', path, { body: withSpec(stored, { size: 5 }), query: 'dryRun=All' });
    assert.deepEqual(tried['spec'], { color: 'red', size: 5 });
    assert.equal(tried.metadata.resourceVersion, stored.metadata.resourceVersion);
    assert.deepEqual(api.expect(200, 'GET', path), stored);
  });

  it('ends an object whose last finalizer it takes', () => {
    const { api } = apiWith({}, { finalizers: ['x.io/a', 'x.io/b'] });
    const deleting = api.expect(200, 'DELETE', path);
    assert.equal(deleting.metadata.deletionTimestamp, '2026-01-02T03:04:05Z');
    const watch = api.watch(widgetsPath, `resourceVersion=${api.store.revision}`);
    const finalizers = (names: string[]) => ({ metadata: { finalizers: names } });
    const contentType = 'application/merge-patch+json';
    const patch = (status: number, names: string[], query = '') =>
      api.expect(status, 'PATCH', path, { body: finalizers(names), contentType, query });
    const refusal = patch(422, ['x.io/a', 'x.io/b', 'x.io/c']);
    assert.match(String(refusal['message']), /no new finalizers can be added if the object is being deleted/);
    patch(200, ['x.io/b']);
    patch(200, [], 'dryRun=All');
    api.expect(200, 'GET', path);
    patch(200, []);
    api.expect(404, 'GET', path);
    assert.deepEqual(
      watch.frames.map(({ type }) => type),
      ['MODIFIED', 'DELETED'],
    );
  });
});

describe('any sequence of writes', () => {
  it('counts generations by the changes of the spec, and versions by the writes', () => {
    const step = fc.record({
      way: fc.constantFrom('put', 'merge', 'status', 'label'),
      size: fc.nat(2),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const { api, stored } = apiWith({ size: 0 });
        let size = 0;
        let phase = '';
        let label = '';
        let generation = 1;
        let version = versionOf(stored);
        for (const { way, size: value } of steps) {
          const contentType = 'application/merge-patch+json';
          const text = String(value);
          let changes = false;
          if (way === 'put' || way === 'merge') {
            changes = value !== size;
            size = value;
            if (changes) generation += 1;
            if (way === 'merge') api.expect(200, 'PATCH', path, { body: { spec: { size } }, contentType });
            else api.expect(200, 'PUT', path, { body: { ...api.expect(200, 'GET', path), spec: { size } } });
          } else if (way === 'status') {
            changes = text !== phase;
            phase = text;
            api.expect(200, 'PATCH', `${path}/status`, { body: { status: { phase } }, contentType });
          } else {
            changes = text !== label;
            label = text;
            api.expect(200, 'PATCH', path, { body: { metadata: { labels: { l: label } } }, contentType });
          }
          const now = api.expect(200, 'GET', path);
          assert.equal(now.metadata.generation, generation);
          assert.equal(versionOf(now) > version, changes, `${way} ${value}`);
          version = versionOf(now);
        }
      }),
      { numRuns: 50 },
    );
  });
});
