// Deleting: options and preconditions, finalizers, many at once, and what follows from owners.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { forbidden } from '../api-error.ts';
import type { ApiObject } from '../api-object.ts';
import {
  gadget,
  gadgetsPath,
  TestApi,
  widget,
  widgetResource,
  widgets,
  widgetsPath,
  widgetStrategy,
} from './rest.fixture.ts';

function create(api: TestApi, name: string, metadata: object = {}): ApiObject {
  return api.expect(201, 'POST', widgetsPath, { body: widget(name, {}, metadata) });
}

function owned(owner: ApiObject, more: object = {}): object {
  const { apiVersion, kind } = owner;
  const { name, uid } = owner.metadata;
  return { ownerReferences: [{ apiVersion, kind, name, uid, ...more }] };
}

function names(api: TestApi): string[] {
  const { items } = api.expect(200, 'GET', widgetsPath) as unknown as { items: ApiObject[] };
  return items.map(({ metadata }) => metadata.name);
}

const merge = 'application/merge-patch+json';

describe('deleting an object', () => {
  it('says which one it was', () => {
    const api = new TestApi();
    const { metadata } = create(api, 'a');
    assert.deepEqual(api.expect(200, 'DELETE', `${widgetsPath}/a`), {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'a', group: 'example.com', kind: 'widgets', uid: metadata.uid },
    });
    api.expect(404, 'DELETE', `${widgetsPath}/a`);
  });

  it('takes its options from the body, or else from the query', () => {
    const api = new TestApi();
    create(api, 'a');
    const remove = (status: number, call: object): unknown =>
      api.expect(status, 'DELETE', `${widgetsPath}/a`, call)['message'];
    remove(200, { query: 'dryRun=All' });
    remove(200, { body: { kind: 'DeleteOptions', apiVersion: 'v1', dryRun: ['All'] } });
    remove(200, { body: { kind: 'DeleteOptions', apiVersion: 'example.com/v1', dryRun: ['All'] } });
    assert.deepEqual(names(api), ['a']);
    assert.equal(
      remove(422, { query: 'propagationPolicy=Sideways' }),
      'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Sideways": supported values: "Foreground", "Background", "Orphan", "nil"',
    );
    assert.match(
      String(remove(422, { body: { propagationPolicy: 'Orphan', orphanDependents: true } })),
      /orphanDependents and deletionPropagation cannot be both set$/,
    );
    remove(422, { query: 'dryRun=Some' });
    assert.match(
      String(remove(400, { body: { gracePeriodSeconds: 'x' } })),
      /^json: cannot unmarshal string/,
    );
    remove(400, { body: { kind: 'Widget', apiVersion: 'example.com/v1' } });
    remove(400, { bytes: '[]' });
    remove(400, { bytes: '{' });
    remove(400, { query: 'gracePeriodSeconds=x' });
    remove(200, { body: { gracePeriodSeconds: 0 }, query: 'dryRun=All' });
    assert.deepEqual(names(api), []);
  });

  it('is refused when the object is not the one that is meant', () => {
    const api = new TestApi();
    const { metadata } = create(api, 'a');
    const remove = (preconditions: object): unknown =>
      api.expect(409, 'DELETE', `${widgetsPath}/a`, { body: { preconditions } })['message'];
    assert.equal(
      remove({ uid: 'other' }),
      `Operation cannot be fulfilled on Widget.example.com "a": the UID in the precondition (other) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    );
    assert.equal(
      remove({ resourceVersion: '1000' }),
      `Operation cannot be fulfilled on Widget.example.com "a": the ResourceVersion in the precondition (1000) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    );
    const { uid, resourceVersion } = metadata;
    api.expect(200, 'DELETE', `${widgetsPath}/a`, { body: { preconditions: { uid, resourceVersion } } });
  });

  it('leaves it with a time while finalizers hold it', () => {
    const api = new TestApi();
    create(api, 'a', { finalizers: ['x.io/y'] });
    const left = api.expect(200, 'DELETE', `${widgetsPath}/a`);
    assert.equal(left.kind, 'Widget');
    assert.equal(left.metadata.deletionTimestamp, '2026-01-02T03:04:05Z');
    assert.equal(left.metadata.deletionGracePeriodSeconds, 0);
    assert.equal(left.metadata.generation, 2);
    api.time.advance(10_000);
    const again = api.expect(202, 'DELETE', `${widgetsPath}/a`, { body: { orphanDependents: false } });
    assert.deepEqual(again, left);
  });

  it('may be refused or turned into something else by the kind', () => {
    const strategy = widgetStrategy(true, {
      beforeDelete: (object) => {
        if (object.metadata.name === 'rock') throw forbidden(widgets, 'rock', 'rocks stay');
        if (object['status'] !== undefined) return null;
        const metadata = { ...object.metadata, deletionTimestamp: '2026-01-02T03:04:05Z' };
        return { ...object, metadata, status: { phase: 'Ending' } };
      },
      holdsDeletion: (object) => (object['status'] as { phase?: string } | undefined)?.phase === 'Ending',
    });
    const api = new TestApi([widgetResource({ strategy })]);
    create(api, 'rock');
    create(api, 'a');
    assert.equal(
      api.expect(403, 'DELETE', `${widgetsPath}/rock`)['message'],
      'widgets.example.com "rock" is forbidden: rocks stay',
    );
    const left = api.expect(200, 'DELETE', `${widgetsPath}/a`);
    assert.deepEqual(left['status'], { phase: 'Ending' });
    const patch = (path: string, body: object) =>
      api.expect(200, 'PATCH', path, { body, contentType: merge });
    patch(`${widgetsPath}/a`, { metadata: { labels: { x: 'y' } } });
    assert.deepEqual(names(api), ['a', 'rock']);
    patch(`${widgetsPath}/a/status`, { status: { phase: 'Ended' } });
    assert.deepEqual(names(api), ['rock']);
  });

  it('of many obeys selectors, and gives them back', () => {
    const api = new TestApi();
    for (const name of ['a', 'b', 'c'])
      create(api, name, { labels: { half: name < 'c' ? 'first' : 'second' } });
    create(api, 'd', { labels: { half: 'first' }, finalizers: ['x.io/y'] });
    const query = 'labelSelector=half%3Dfirst';
    api.expect(200, 'DELETE', widgetsPath, { query: `${query}&dryRun=All` });
    assert.equal(names(api).length, 4);
    const { kind, items } = api.expect(200, 'DELETE', widgetsPath, { query }) as unknown as {
      kind: string;
      items: ApiObject[];
    };
    assert.equal(kind, 'WidgetList');
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      ['a', 'b', 'd'],
    );
    assert.deepEqual(names(api), ['c', 'd']);
  });
});

describe('dependents', () => {
  it('go with their last owner, and theirs with them', () => {
    const api = new TestApi();
    const top = api.expect(201, 'POST', gadgetsPath, { body: gadget('top') });
    const other = create(api, 'other');
    const child = create(api, 'child', owned(top));
    create(api, 'grandchild', owned(child));
    const two = { ownerReferences: [...Object.values(owned(top)), ...Object.values(owned(other))].flat() };
    create(api, 'shared', two);
    create(api, 'held', { ...owned(top), finalizers: ['x.io/y'] });
    create(api, 'stranger', { ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'top', uid: 'none' }] });
    api.expect(200, 'DELETE', `${gadgetsPath}/top`, { body: { propagationPolicy: 'Background' } });
    assert.deepEqual(names(api), ['held', 'other', 'shared', 'stranger']);
    const shared = api.expect(200, 'GET', `${widgetsPath}/shared`);
    assert.deepEqual(
      shared.metadata.ownerReferences?.map(({ name }) => name),
      ['other'],
    );
    const held = api.expect(200, 'GET', `${widgetsPath}/held`);
    assert.ok(held.metadata.deletionTimestamp !== undefined);
    api.expect(200, 'DELETE', `${widgetsPath}/other`);
    assert.deepEqual(names(api), ['held', 'stranger']);
  });

  it('of another namespace are not those of a namespaced owner', () => {
    const api = new TestApi();
    const owner = create(api, 'owner');
    const elsewhere = '/apis/example.com/v1/namespaces/other/widgets';
    api.expect(201, 'POST', elsewhere, { body: widget('x', {}, owned(owner)) });
    api.expect(200, 'DELETE', `${widgetsPath}/owner`);
    api.expect(200, 'GET', `${elsewhere}/x`);
  });

  it('stay without their owner when they are orphaned', () => {
    const api = new TestApi();
    const owner = create(api, 'owner');
    create(api, 'child', owned(owner));
    api.expect(200, 'DELETE', `${widgetsPath}/owner`, { query: 'propagationPolicy=Orphan' });
    assert.equal(api.expect(200, 'GET', `${widgetsPath}/child`).metadata.ownerReferences, undefined);
  });

  it('that block their owner hold its deletion in the foreground until they are gone', () => {
    const api = new TestApi();
    const owner = create(api, 'owner');
    const block = { blockOwnerDeletion: true };
    create(api, 'quick', owned(owner, block));
    create(api, 'slow', { ...owned(owner, block), finalizers: ['x.io/y'] });
    create(api, 'beside', owned(owner));
    const left = api.expect(200, 'DELETE', `${widgetsPath}/owner`, { query: 'propagationPolicy=Foreground' });
    assert.deepEqual(left.metadata.finalizers, ['foregroundDeletion']);
    assert.deepEqual(names(api), ['beside', 'owner', 'slow']);
    const body = { metadata: { finalizers: null } };
    api.expect(200, 'PATCH', `${widgetsPath}/slow`, { body, contentType: merge });
    assert.deepEqual(names(api), []);
  });

  it('may own each other in a ring', () => {
    for (const policy of ['Background', 'Foreground']) {
      const api = new TestApi();
      const one = create(api, 'one');
      const two = create(api, 'two', owned(one, { blockOwnerDeletion: true }));
      const body = { metadata: owned(two, { blockOwnerDeletion: true }) };
      api.expect(200, 'PATCH', `${widgetsPath}/one`, { body, contentType: merge });
      api.expect(200, 'DELETE', `${widgetsPath}/one`, { query: `propagationPolicy=${policy}` });
      assert.deepEqual(names(api), [], policy);
    }
  });

  it('go too when their owner is taken from the store by others', () => {
    const api = new TestApi();
    const owner = create(api, 'owner');
    create(api, 'child', owned(owner));
    api.store.write([
      { kind: 'delete', key: { resource: 'example.com/widgets', namespace: 'shop', name: 'owner' } },
    ]);
    assert.deepEqual(names(api), []);
  });

  it('in a long chain go in one turn', () => {
    const api = new TestApi();
    let owner = create(api, 'w0');
    for (let index = 1; index < 2000; index += 1) owner = create(api, `w${index}`, owned(owner));
    api.expect(200, 'DELETE', `${widgetsPath}/w0`, { query: 'propagationPolicy=Foreground' });
    assert.deepEqual(names(api), []);
  });

  it('are never left behind, and nothing else goes', () => {
    const edge = fc.tuple(fc.nat(7), fc.nat(7));
    fc.assert(
      fc.property(
        fc.array(edge, { maxLength: 12 }),
        fc.array(fc.nat(7), { minLength: 1, maxLength: 3 }),
        fc.constantFrom('Background', 'Foreground'),
        (edges, deletions, policy) => {
          const api = new TestApi();
          const objects = Array.from({ length: 8 }, (_, index) => create(api, `w${index}`));
          const ownersOf = (index: number): number[] => [
            ...new Set(edges.filter(([from]) => from === index).map(([, to]) => to)),
          ];
          for (const [index] of objects.entries()) {
            const ownerReferences = ownersOf(index).map((to) => ({
              apiVersion: 'example.com/v1',
              kind: 'Widget',
              name: `w${to}`,
              uid: objects[to]?.metadata.uid,
              blockOwnerDeletion: true,
            }));
            const body = { metadata: { ownerReferences } };
            api.expect(200, 'PATCH', `${widgetsPath}/w${index}`, { body, contentType: merge });
          }
          const alive = new Set(objects.keys());
          const drop = (index: number): void => {
            if (!alive.delete(index)) return;
            for (const other of objects.keys()) {
              const owners = ownersOf(other);
              if (owners.includes(index) && !owners.some((owner) => alive.has(owner))) drop(other);
            }
          };
          for (const index of deletions) {
            api.call('DELETE', `${widgetsPath}/w${index}`, { query: `propagationPolicy=${policy}` });
            if (policy === 'Background') drop(index);
          }
          const left = names(api);
          if (policy === 'Background')
            assert.deepEqual(
              left,
              [...alive].map((index) => `w${index}`),
            );
          // In the foreground all that depends goes; what is left is not about to go for ever.
          for (const name of left) {
            const { metadata } = api.expect(200, 'GET', `${widgetsPath}/${name}`);
            assert.equal(metadata.deletionTimestamp, undefined, name);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
