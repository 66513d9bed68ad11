// The handler as a whole: reviews, discovery, defects, a store that fails, resources that come, many writers at one object.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiObject } from '../api-object.ts';
import type { Resource } from '../registry/resource.ts';
import { StorageError } from '../storage/index.ts';
import {
  gadgets,
  registryOf,
  TestApi,
  widget,
  widgetResource,
  widgets,
  widgetsPath,
  widgetStrategy,
} from './rest.fixture.ts';

describe('reviews', () => {
  const authorization = '/apis/authorization.k8s.io/v1';
  const authentication = '/apis/authentication.k8s.io/v1';

  it('allow a known user everything, and store nothing', () => {
    const api = new TestApi();
    const spec = { resourceAttributes: { verb: 'get', resource: 'widgets' } };
    for (const path of [
      'selfsubjectaccessreviews',
      'subjectaccessreviews',
      'namespaces/shop/localsubjectaccessreviews',
    ]) {
      const answer = api.expect(201, 'POST', `${authorization}/${path}`, { body: { spec } });
      assert.deepEqual(answer['status'], { allowed: true });
      assert.deepEqual(answer['spec'], spec);
    }
    const rules = api.expect(201, 'POST', `${authorization}/selfsubjectrulesreviews`, {
      body: {
        kind: 'SelfSubjectRulesReview',
        apiVersion: 'authorization.k8s.io/v1',
        spec: { namespace: 'x' },
      },
    });
    const status = rules['status'] as Record<string, unknown>;
    assert.equal(status['incomplete'], false);
    assert.equal(api.store.revision, new TestApi().store.revision);
  });

  it('tell who somebody is', () => {
    const lookupToken = (token: string) => (token === 'good' ? { name: 'anna', groups: ['g'] } : null);
    const api = new TestApi(undefined, { lookupToken });
    const self = api.expect(201, 'POST', `${authentication}/selfsubjectreviews`, { body: {} });
    assert.deepEqual(self['status'], { userInfo: { username: 'tester', groups: ['system:masters'] } });
    assert.equal(self.kind, 'SelfSubjectReview');
    const review = (token: string) =>
      api.expect(201, 'POST', `${authentication}/tokenreviews`, { body: { spec: { token } } })['status'];
    assert.deepEqual(review('good'), { authenticated: true, user: { username: 'anna', groups: ['g'] } });
    assert.deepEqual(review('bad'), { authenticated: false, user: {}, error: 'invalid bearer token' });
  });

  it('are created only, and in their own kind', () => {
    const api = new TestApi();
    api.expect(405, 'GET', `${authorization}/selfsubjectaccessreviews`);
    api.expect(404, 'POST', `${authorization}/selfsubjectaccessreviews/x`, { body: {} });
    api.expect(404, 'POST', `${authorization}/localsubjectaccessreviews`, { body: {} });
    const post = (call: object): unknown =>
      api.expect(400, 'POST', `${authorization}/selfsubjectaccessreviews`, call)['message'];
    assert.match(String(post({ body: { kind: 'Widget' } })), /does not match the expected API version/);
    assert.match(String(post({ bytes: '{' })), /must be of type SelfSubjectAccessReview/);
    assert.match(String(post({ body: { spec: 7 } })), /cannot unmarshal number/);
    assert.equal(
      api.expect(422, 'POST', `${authorization}/selfsubjectaccessreviews`, { body: { spec: {} } })['message'],
      '.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
    );
    assert.equal(
      api.expect(400, 'POST', `${authorization}/selfsubjectrulesreviews`, { body: { spec: {} } })['message'],
      'no namespace on request',
    );
  });
});

describe('what is asked beside objects', () => {
  it('is answered by discovery', () => {
    const asked: string[] = [];
    const api = new TestApi(undefined, {
      discovery: ({ path }) => {
        asked.push(path);
        return path === '/apis' ? { kind: 'value', status: 200, value: {}, warnings: [] } : null;
      },
    });
    api.expect(200, 'GET', '/apis');
    api.expect(404, 'GET', '/apis/example.com/v1');
    api.expect(404, 'GET', '/apis/example.com/v1/unknown');
    assert.deepEqual(asked, ['/apis', '/apis/example.com/v1', '/apis/example.com/v1/unknown']);
  });
});

describe('what goes wrong inside', () => {
  const secret = 'hunter2';

  it('is answered with a 500 that tells nothing of the object, and logged without it', () => {
    const strategy = widgetStrategy(true, {
      validateCreate: (object) => {
        throw new TypeError(`cannot read ${JSON.stringify(object)}`);
      },
    });
    const api = new TestApi([widgetResource({ strategy })]);
    const refusal = api.expect(500, 'POST', widgetsPath, { body: widget('a', { color: secret }) });
    assert.equal(refusal['message'], 'Internal error occurred: the request could not be answered');
    assert.equal(refusal['reason'], 'InternalError');
    assert.equal(api.logged.length, 1);
    const line = JSON.stringify(api.logged);
    assert.match(line, /TypeError/);
    assert.match(line, /handler\.test\.ts/);
    assert.ok(!line.includes(secret));
  });

  it('names what the storage says', () => {
    const api = new TestApi();
    Object.defineProperty(api.store, 'write', {
      value: () => {
        throw new StorageError('/x/state.db', 'full', 'writing "/x/state.db": the disk is full');
      },
    });
    const refusal = api.expect(500, 'POST', widgetsPath, { body: widget('a') });
    assert.equal(refusal['message'], 'Internal error occurred: writing "/x/state.db": the disk is full');
    api.expect(404, 'GET', `${widgetsPath}/a`);
  });
});

describe('resources that come', () => {
  it('are served, and their objects owned and owning', () => {
    const registry = registryOf([gadgets]);
    let resources: readonly Resource[] = [gadgets];
    let version = 1;
    const moving = {
      resources: () => resources,
      lookup: (...at: Parameters<typeof registry.lookup>) => registryOf(resources).lookup(...at),
      lookupKind: (...at: Parameters<typeof registry.lookupKind>) => registryOf(resources).lookupKind(...at),
      version: () => version,
    };
    const api = new TestApi(moving);
    api.expect(404, 'GET', widgetsPath);
    resources = [gadgets, widgets];
    version += 1;
    const owner = api.expect(201, 'POST', widgetsPath, { body: widget('owner') });
    const { apiVersion, kind, metadata } = owner;
    const ownerReferences = [{ apiVersion, kind, name: metadata.name, uid: metadata.uid }];
    api.expect(201, 'POST', widgetsPath, { body: widget('child', {}, { ownerReferences }) });
    api.expect(200, 'DELETE', `${widgetsPath}/owner`);
    api.expect(404, 'GET', `${widgetsPath}/child`);
  });
});

describe('clients that write one object', () => {
  it('read again after a conflict, and lose no write', () => {
    const api = new TestApi();
    api.expect(201, 'POST', widgetsPath, { body: widget('counter', { size: 0 }) });
    const path = `${widgetsPath}/counter`;
    const read = (): ApiObject => api.expect(200, 'GET', path);
    const sizeOf = (object: ApiObject): number => (object['spec'] as { size: number }).size;
    let conflicts = 0;
    const clients = Array.from({ length: 5 }, () => ({ left: 20, seen: read() }));
    while (clients.some(({ left }) => left > 0)) {
      for (const client of clients) {
        if (client.left === 0) continue;
        const body = { ...client.seen, spec: { size: sizeOf(client.seen) + 1 } };
        const { status } = api.call('PUT', path, { body });
        if (status === 200) client.left -= 1;
        else {
          assert.equal(status, 409);
          conflicts += 1;
        }
        client.seen = read();
      }
      // All read before the others write.
      for (const client of clients) client.seen = read();
    }
    assert.equal(sizeOf(read()), 100);
    assert.ok(conflicts > 0);
  });
});
