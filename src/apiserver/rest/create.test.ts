// Creating: system fields, generated names, the order in which a request is refused.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { forbidden } from '../api-error.ts';
import {
  gadget,
  gadgets,
  gadgetsPath,
  TestApi,
  widget,
  widgetResource,
  widgets,
  widgetsPath,
  widgetStrategy,
} from './rest.fixture.ts';

const betaPath = '/apis/example.com/v1beta1/namespaces/shop/widgets';

describe('creating an object', () => {
  it('fills in what only the server says', () => {
    const api = new TestApi();
    const sent = widget(
      'a',
      { size: 1 },
      { uid: 'mine', creationTimestamp: '2000-01-01T00:00:00Z', selfLink: '/x', labels: {} },
    );
    const created = api.expect(201, 'POST', widgetsPath, { body: { ...sent, status: { phase: 'x' } } });
    const { managedFields, ...metadata } = created.metadata;
    assert.deepEqual(metadata, {
      name: 'a',
      namespace: 'shop',
      uid: 'uid-1',
      resourceVersion: String(api.store.revision),
      generation: 1,
      creationTimestamp: '2026-01-02T03:04:05Z',
    });
    assert.deepEqual(created['spec'], { color: 'red', size: 1 });
    assert.equal(created['status'], undefined);
    assert.deepEqual(managedFields, [
      {
        manager: 'kubectl',
        operation: 'Update',
        apiVersion: 'example.com/v1',
        time: '2026-01-02T03:04:05Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:spec': { 'f:color': {}, 'f:size': {} } },
      },
    ]);
    assert.deepEqual(api.expect(200, 'GET', `${widgetsPath}/a`), created);
  });

  it('takes what kind and version the path says when the body does not', () => {
    const api = new TestApi();
    const created = api.expect(201, 'POST', widgetsPath, { body: { metadata: { name: 'a' } } });
    assert.equal(created.apiVersion, 'example.com/v1');
    assert.equal(created.kind, 'Widget');
  });

  it('works in an older version', () => {
    const api = new TestApi();
    const body = { ...widget('a', { width: 4 }), apiVersion: 'example.com/v1beta1' };
    const answer = api.call('POST', betaPath, { body });
    assert.equal(answer.status, 201);
    assert.deepEqual(answer.warnings, ['example.com/v1beta1 Widget is deprecated']);
    assert.deepEqual((answer.value as Record<string, unknown>)['spec'], { color: 'red', width: 4 });
    assert.deepEqual(api.expect(200, 'GET', `${widgetsPath}/a`)['spec'], { color: 'red', size: 4 });
  });

  it('leaves out lists and maps that are empty, and lets nobody own them', () => {
    const api = new TestApi();
    const body = { ...widget('a', { tags: [], parts: [{ name: 'x' }] }), status: { notes: {} } };
    const created = api.expect(201, 'POST', widgetsPath, { body });
    assert.deepEqual(created['spec'], { color: 'red', parts: [{ name: 'x' }] });
    const [entry] = created.metadata.managedFields ?? [];
    assert.ok(!JSON.stringify(entry).includes('f:tags'));
    const next = { ...created, spec: { color: 'red', tags: [], parts: [{ name: 'x' }] } };
    assert.deepEqual(api.expect(200, 'PUT', `${widgetsPath}/a`, { body: next }), created);
  });

  it('stores nothing on a dry run', () => {
    const api = new TestApi();
    const { revision } = api.store;
    const tried = api.expect(201, 'POST', widgetsPath, { body: widget('a'), query: 'dryRun=All' });
    assert.equal(tried.metadata.uid, 'uid-1');
    assert.equal(tried.metadata.resourceVersion, undefined);
    assert.equal(api.store.revision, revision);
    api.expect(404, 'GET', `${widgetsPath}/a`);
  });

  it('warns of what the kind warns of, once', () => {
    const api = new TestApi();
    const { warnings } = api.call('POST', widgetsPath, { body: widget('a', { color: 'beige' }) });
    assert.deepEqual(warnings, ['beige is out of fashion']);
  });

  it('drops repeated owners with a warning', () => {
    const api = new TestApi();
    const owner = { apiVersion: 'v1', kind: 'X', name: 'x', uid: 'u' };
    const body = widget('a', {}, { ownerReferences: [owner, owner, { ...owner, name: 'y' }] });
    const answer = api.call('POST', widgetsPath, { body });
    const { metadata } = answer.value as { metadata: { ownerReferences: unknown[] } };
    assert.deepEqual(metadata.ownerReferences, [owner, { ...owner, name: 'y' }]);
    assert.match(answer.warnings[0] ?? '', /duplicate UID\(s\) observed: u$/);
  });
});

describe('generated names', () => {
  it('are cut, and tried again while they are taken', () => {
    const api = new TestApi();
    api.suffixes = ['aaaaa'];
    const body = widget('', {}, { name: undefined, generateName: `${'x'.repeat(70)}-` });
    const first = api.expect(201, 'POST', widgetsPath, { body });
    assert.equal(first.metadata.name, `${'x'.repeat(58)}aaaaa`);
    api.suffixes = ['aaaaa', 'aaaaa', 'bbbbb'];
    const second = api.expect(201, 'POST', widgetsPath, { body });
    assert.equal(second.metadata.name, `${'x'.repeat(58)}bbbbb`);
    api.suffixes = [...Array.from({ length: 8 }, () => 'aaaaa'), 'ccccc'];
    const refusal = api.call('POST', widgetsPath, { body });
    assert.equal(refusal.status, 409);
    const name = `${'x'.repeat(58)}aaaaa`;
    assert.deepEqual(refusal.value, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: `widgets.example.com "${name}" already exists, the server was not able to generate a unique name for the object`,
      reason: 'AlreadyExists',
      details: { name, group: 'example.com', kind: 'widgets', retryAfterSeconds: 1 },
      code: 409,
    });
    assert.deepEqual(refusal.headers, { 'Retry-After': '1' });
    assert.equal(api.suffixes.length, 1);
  });
});

describe('a create is refused', () => {
  const message = (api: TestApi, status: number, call: object, path = widgetsPath): unknown =>
    api.expect(status, 'POST', path, call)['message'];

  it('where the name is taken, and says when the other is about to go', () => {
    const api = new TestApi();
    api.expect(201, 'POST', widgetsPath, { body: widget('a', {}, { finalizers: ['x.io/y'] }) });
    assert.equal(message(api, 409, { body: widget('a') }), 'widgets.example.com "a" already exists');
    api.expect(200, 'DELETE', `${widgetsPath}/a`);
    assert.equal(
      message(api, 409, { body: widget('a') }),
      'object is being deleted: widgets.example.com "a" already exists',
    );
  });

  it('for the first of several reasons: body, admission, validation, place', () => {
    const deny = widgetResource({ strategy: widgetStrategy(true) });
    const api = new TestApi([deny, gadgets], {
      admissions: [
        ({ object, resource, namespace }) => {
          if (namespace === 'gone') throw forbidden(resource, object.metadata.name, 'the namespace is gone');
          return object;
        },
      ],
    });
    const gone = '/apis/example.com/v1/namespaces/gone/widgets';
    const bad = widget('A', { size: -1 });
    assert.match(
      String(message(api, 400, { body: { ...bad, spec: { size: 'x' } } }, gone)),
      /^Widget in version "v1" cannot be handled as a Widget: json: cannot unmarshal string into Go struct field WidgetSpec.spec.size of type int32$/,
    );
    assert.match(String(message(api, 403, { body: bad }, gone)), /the namespace is gone$/);
    const invalid = api.expect(422, 'POST', widgetsPath, { body: bad });
    assert.match(
      String(invalid['message']),
      /^Widget\.example\.com "A" is invalid: \[metadata\.name: Invalid value: "A": .*, spec\.size: Invalid value: -1: must not be negative\]$/,
    );
    assert.equal((invalid['details'] as Record<string, unknown>)['kind'], 'Widget');
    const versioned = api.call('POST', widgetsPath, { body: widget('a', {}, { resourceVersion: '7' }) });
    assert.deepEqual(versioned.value, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'resourceVersion should not be set on objects to be created',
      code: 500,
    });
  });

  it('for another namespace, kind or version than the path', () => {
    const api = new TestApi([widgets, gadgets]);
    assert.equal(
      message(api, 400, { body: widget('a', {}, { namespace: 'other' }) }),
      'the namespace of the provided object does not match the namespace sent on the request',
    );
    assert.equal(
      message(api, 400, { body: { ...widget('a'), apiVersion: 'example.com/v1beta1' } }),
      'the API version in the data (example.com/v1beta1) does not match the expected API version (example.com/v1)',
    );
    assert.equal(
      message(api, 400, { body: gadget('a') }),
      'Gadget in version "v1" cannot be handled as a Widget: converting (v1.Gadget) to (example.Widget): unknown conversion',
    );
    assert.equal(
      message(api, 400, { body: { ...widget('a'), kind: 'Wodget' } }),
      'Wodget in version "v1" cannot be handled as a Widget: no kind "Wodget" is registered for version "example.com/v1" in scheme "pkg/runtime/scheme.go:111"',
    );
    // A cluster-scoped object loses its namespace.
    const created = api.expect(201, 'POST', gadgetsPath, { body: gadget('a', {}, { namespace: 'shop' }) });
    assert.equal(created.metadata.namespace, undefined);
  });

  it('for options that mean nothing', () => {
    const api = new TestApi();
    const refusal = (query: string): unknown => message(api, 422, { body: widget('a'), query });
    assert.equal(
      refusal('dryRun=x'),
      'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["x"]: supported values: "All"',
    );
    assert.equal(
      refusal('fieldValidation=x'),
      'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "x": supported values: "", "Ignore", "Strict", "Warn"',
    );
    assert.equal(
      refusal('fieldManager=a%07b'),
      'CreateOptions.meta.k8s.io "" is invalid: fieldManager: Invalid value: "a\\ab": invalid character U+0007 (at position 1)',
    );
    assert.match(
      String(refusal(`fieldManager=${'m'.repeat(129)}`)),
      /Too long: may not be more than 128 bytes$/,
    );
  });
});
