// Reading: single objects, lists, forms of answers, paths that lead nowhere.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gadgetsPath, TestApi, widget, widgetResource, widgetsPath } from './rest.fixture.ts';

const allWidgets = '/apis/example.com/v1/widgets';

function shopOf(count: number): TestApi {
  const api = new TestApi();
  for (let index = 0; index < count; index += 1) {
    api.expect(201, 'POST', widgetsPath, { body: widget(`w${String(index).padStart(3, '0')}`) });
  }
  return api;
}

interface ListValue {
  readonly metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
  readonly items: readonly { metadata: { name: string; resourceVersion: string } }[];
}

function list(api: TestApi, query = '', path = widgetsPath): ListValue {
  return api.expect(200, 'GET', path, { query }) as unknown as ListValue;
}

const names = ({ items }: ListValue): string[] => items.map(({ metadata }) => metadata.name);

describe('reading objects', () => {
  it('gives an object, in each version that is served', () => {
    const api = new TestApi();
    api.expect(201, 'POST', widgetsPath, { body: widget('a', { size: 3 }) });
    const stored = api.expect(200, 'GET', `${widgetsPath}/a`);
    assert.deepEqual(stored['spec'], { color: 'red', size: 3 });
    const beta = api.call('GET', '/apis/example.com/v1beta1/namespaces/shop/widgets/a');
    assert.deepEqual(beta.warnings, ['example.com/v1beta1 Widget is deprecated']);
    assert.deepEqual((beta.value as Record<string, unknown>)['spec'], { color: 'red', width: 3 });
    assert.equal((beta.value as Record<string, unknown>)['apiVersion'], 'example.com/v1beta1');
  });

  it('says what is not there', () => {
    const api = new TestApi();
    assert.deepEqual(api.expect(404, 'GET', `${widgetsPath}/a`), {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'widgets.example.com "a" not found',
      reason: 'NotFound',
      details: { name: 'a', group: 'example.com', kind: 'widgets' },
      code: 404,
    });
    assert.deepEqual(api.expect(404, 'GET', '/apis/example.com/v1/namespaces/shop/nothings'), {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'the server could not find the requested resource',
      reason: 'NotFound',
      details: {},
      code: 404,
    });
    for (const path of [
      `${widgetsPath}/a/scale`,
      `${widgetsPath}/a/status/more`,
      `${allWidgets}/a`,
      '/apis/example.com/v2/widgets',
      '/apis/example.com/v1/namespaces/shop/gadgets',
      '/apis/example.com/v1//widgets',
    ]) {
      api.expect(404, 'GET', path);
    }
    const custom = new TestApi([widgetResource({ isCustom: true })]);
    const { message } = custom.expect(404, 'GET', `${widgetsPath}/a/scale`) as { readonly message?: string };
    assert.equal(message, 'widgets.example.com "a" not found');
    for (const path of ['/elsewhere', '/apis/nothing.example.com/v1/a', '/apis/example.com/v9/widgets']) {
      const page = custom.respond('GET', path);
      assert.ok(page.kind === 'bytes' && page.status === 404, path);
      assert.equal(Buffer.from(page.bytes).toString(), '404 page not found\n');
    }
  });

  it('refuses what a path does not do, and names that cannot be', () => {
    const api = new TestApi();
    const refusal = api.expect(405, 'POST', allWidgets, { body: widget('a') });
    assert.equal(refusal['message'], 'the server does not allow this method on the requested resource');
    assert.deepEqual(refusal['details'], {});
    const custom = new TestApi([widgetResource({ isCustom: true })]);
    assert.equal(
      custom.expect(405, 'POST', allWidgets, { body: widget('a') })['message'],
      'create is not supported on resources of kind "widgets.example.com"',
    );
    api.expect(405, 'PUT', widgetsPath, { body: widget('a') });
    api.expect(405, 'DELETE', allWidgets);
    api.expect(405, 'POST', `${widgetsPath}/a`, { body: widget('a') });
    api.expect(405, 'DELETE', `${widgetsPath}/a/status`);
    const bad = api.expect(400, 'GET', `${widgetsPath}/a%2Fb`);
    assert.equal(bad['message'], `Name parameter invalid: "a/b": may not contain '/'`);
    api.expect(400, 'GET', `${widgetsPath}/..`);
    api.expect(400, 'GET', `${widgetsPath}/%E0%A4`);
  });

  it('waits for no version that is not there yet', () => {
    const api = shopOf(1);
    const { revision } = api.store;
    api.expect(200, 'GET', `${widgetsPath}/w000`, { query: `resourceVersion=${revision}` });
    const late = api.call('GET', `${widgetsPath}/w000`, { query: `resourceVersion=${revision + 1}` });
    assert.equal(late.status, 504);
    assert.deepEqual(late.headers, { 'Retry-After': '1' });
    assert.deepEqual((late.value as Record<string, unknown>)['details'], {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    });
    const message = `Timeout: Too large resource version: ${revision + 1}, current: ${revision}`;
    assert.equal((late.value as Record<string, unknown>)['message'], message);
    api.expect(400, 'GET', `${widgetsPath}/w000`, { query: 'resourceVersion=x' });
  });
});

describe('lists', () => {
  it('are empty lists where nothing is, and sorted by namespace and name', () => {
    const api = new TestApi();
    assert.deepEqual(list(api).items, []);
    for (const place of ['b/x', 'a/z', 'b/a']) {
      const [namespace = '', name = ''] = place.split('/');
      api.expect(201, 'POST', `/apis/example.com/v1/namespaces/${namespace}/widgets`, { body: widget(name) });
    }
    assert.deepEqual(names(list(api, '', allWidgets)), ['z', 'a', 'x']);
    const value = api.expect(200, 'GET', allWidgets);
    assert.equal(value.kind, 'WidgetList');
    assert.equal(value.apiVersion, 'example.com/v1');
    assert.equal(value.metadata.resourceVersion, String(api.store.revision));
  });

  it('select by labels and fields', () => {
    const api = new TestApi();
    api.expect(201, 'POST', widgetsPath, { body: widget('a', { color: 'blue' }, { labels: { app: 'x' } }) });
    api.expect(201, 'POST', widgetsPath, { body: widget('b', {}, { labels: { app: 'y' } }) });
    const select = (query: string): string[] => names(list(api, query));
    assert.deepEqual(select('labelSelector=app in (x,z)'), ['a']);
    assert.deepEqual(select('labelSelector=app!%3Dx'), ['b']);
    assert.deepEqual(select('fieldSelector=spec.color%3Dred'), ['b']);
    assert.deepEqual(select('fieldSelector=metadata.name%3Da'), ['a']);
    assert.deepEqual(select('fieldSelector=metadata.name%3Da,spec.color%3Dred'), []);
    assert.deepEqual(select('fieldSelector=metadata.namespace%3Dother'), []);
    assert.deepEqual(names(list(api, 'fieldSelector=metadata.namespace%3Dshop', allWidgets)), ['a', 'b']);
    const refuse = (query: string): unknown => api.expect(400, 'GET', widgetsPath, { query })['message'];
    assert.equal(refuse('fieldSelector=spec.size%3D1'), 'field label not supported: spec.size');
    assert.equal(
      api.expect(400, 'GET', gadgetsPath, { query: 'fieldSelector=spec.size%3D1' })['message'],
      '"spec.size" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
    assert.equal(
      refuse('labelSelector=a b'),
      "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
    );
  });

  it('refuse combinations of options that mean nothing', () => {
    const api = new TestApi();
    const refusal = api.expect(422, 'GET', widgetsPath, { query: 'resourceVersionMatch=Exact' });
    assert.equal(
      refusal['message'],
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    );
    for (const query of [
      'resourceVersionMatch=Exact&resourceVersion=0',
      'resourceVersionMatch=Newest&resourceVersion=1',
      'resourceVersionMatch=Exact&resourceVersion=1&continue=x',
      'sendInitialEvents=true',
    ]) {
      api.expect(422, 'GET', widgetsPath, { query });
    }
    assert.equal(
      api.expect(400, 'GET', widgetsPath, { query: 'limit=x' })['message'],
      'strconv.ParseInt: parsing "x": invalid syntax',
    );
  });

  it('show a state of the past only where it is asked for', () => {
    const api = shopOf(2);
    const { revision } = api.store;
    api.expect(200, 'DELETE', `${widgetsPath}/w000`);
    assert.deepEqual(names(list(api, `resourceVersion=${revision}`)), ['w001']);
    const exact = list(api, `resourceVersion=${revision}&resourceVersionMatch=Exact`);
    assert.deepEqual(names(exact), ['w000', 'w001']);
    assert.equal(exact.metadata.resourceVersion, String(revision));
    assert.deepEqual(names(list(api, `resourceVersion=${revision}&limit=5`)), ['w000', 'w001']);
    api.expect(504, 'GET', widgetsPath, { query: `resourceVersion=${revision + 5}` });
  });
});

describe('forms of an answer', () => {
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

  it('are tables for kubectl', () => {
    const api = shopOf(2);
    const page = api.expect(200, 'GET', widgetsPath, { accept: table, query: 'limit=1' });
    assert.equal(page.kind, 'Table');
    assert.equal(page.apiVersion, 'meta.k8s.io/v1');
    const { rows, metadata } = page as unknown as {
      rows: { cells: unknown[]; object: { kind: string } }[];
      metadata: { remainingItemCount: number };
    };
    assert.deepEqual(rows[0]?.cells, ['w000', 'red']);
    assert.equal(rows[0]?.object.kind, 'PartialObjectMetadata');
    assert.equal(metadata.remainingItemCount, 1);
    const one = api.expect(200, 'GET', `${widgetsPath}/w000`, {
      accept: table,
      query: 'includeObject=Object',
    });
    const [row] = one['rows'] as { object: { kind: string } }[];
    assert.equal(row?.object.kind, 'Widget');
    assert.equal(
      api.expect(400, 'GET', widgetsPath, { accept: table, query: 'includeObject=x' })['message'],
      `Unable to convert to Table as requested: includeObject: Invalid value: "x": must be 'Metadata', 'Object', 'None', or empty`,
    );
    // Refusals stay what they are.
    assert.equal(api.expect(404, 'GET', `${widgetsPath}/x`, { accept: table }).kind, 'Status');
  });

  it('are metadata alone for controllers that want no more', () => {
    const api = shopOf(1);
    const partial = (kind: string): string => `application/json;as=${kind};g=meta.k8s.io;v=v1`;
    const one = api.expect(200, 'GET', `${widgetsPath}/w000`, { accept: partial('PartialObjectMetadata') });
    assert.deepEqual(Object.keys(one), ['kind', 'apiVersion', 'metadata']);
    const all = api.expect(200, 'GET', widgetsPath, { accept: partial('PartialObjectMetadataList') });
    assert.equal(all.kind, 'PartialObjectMetadataList');
    assert.equal((all['items'] as unknown[]).length, 1);
    api.expect(406, 'GET', widgetsPath, { accept: partial('PartialObjectMetadata') });
    api.expect(406, 'GET', `${widgetsPath}/w000`, { accept: partial('PartialObjectMetadataList') });
  });

  it('follow the order and the weights of the Accept field', () => {
    const api = shopOf(1);
    const kindOf = (accept: string): unknown => api.expect(200, 'GET', widgetsPath, { accept }).kind;
    assert.equal(kindOf('application/vnd.kubernetes.protobuf,application/json'), 'WidgetList');
    assert.equal(kindOf('*/*'), 'WidgetList');
    assert.equal(kindOf('application/json;q=0.5,application/json;as=Table;g=meta.k8s.io;v=v1'), 'Table');
    assert.equal(kindOf('application/json;as=Table;g=meta.k8s.io;v=v2, application/json'), 'WidgetList');
    const refusal = api.expect(406, 'GET', widgetsPath, { accept: 'text/html' });
    assert.equal(
      refusal['message'],
      'only the following media types are accepted: application/json, application/yaml',
    );
    api.expect(406, 'GET', widgetsPath, { accept: 'application/json;q=0' });
  });
});
