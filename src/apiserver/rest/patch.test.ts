// Patching and applying: each way, in each version, and the words of their refusals.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiObject } from '../api-object.ts';
import { gadgetsPath, TestApi, widget, widgetsPath } from './rest.fixture.ts';

const path = `${widgetsPath}/a`;

function apiWith(spec: object = { size: 1 }, metadata: object = {}): { api: TestApi; stored: ApiObject } {
  const api = new TestApi();
  const stored = api.expect(201, 'POST', widgetsPath, { body: widget('a', spec, metadata) });
  return { api, stored };
}

describe('patching an object', () => {
  const merge = 'application/merge-patch+json';
  const strategic = 'application/strategic-merge-patch+json';
  const json = 'application/json-patch+json';

  it('works in each way, in the version of the request', () => {
    const parts = [
      { name: 'a', count: 1 },
      { name: 'b', count: 2 },
    ];
    const { api } = apiWith({ size: 1, parts });
    const specAfter = (contentType: string, body: unknown, at = path): unknown =>
      api.expect(200, 'PATCH', at, { body, contentType })['spec'];
    assert.deepEqual(specAfter(strategic, { spec: { parts: [{ name: 'b', count: 3 }] } }), {
      color: 'red',
      size: 1,
      parts: [
        { name: 'a', count: 1 },
        { name: 'b', count: 3 },
      ],
    });
    assert.deepEqual(specAfter(merge, { spec: { parts: null, size: 4 } }), { color: 'red', size: 4 });
    const beta = '/apis/example.com/v1beta1/namespaces/shop/widgets/a';
    const operations = [
      { op: 'test', path: '/spec/width', value: 4 },
      { op: 'replace', path: '/spec/width', value: 5 },
    ];
    assert.deepEqual(specAfter(json, operations, beta), { color: 'red', width: 5 });
    assert.equal(api.expect(200, 'GET', path).metadata.generation, 4);
  });

  it('checks a version that the patch holds', () => {
    const { api } = apiWith();
    const patch = (metadata: object) =>
      api.call('PATCH', path, { body: { metadata, spec: { size: 8 } }, contentType: merge }).status;
    assert.equal(patch({ resourceVersion: '1' }), 409);
    assert.equal(patch({ resourceVersion: null }), 200);
    assert.equal(patch({ uid: 'other' }), 422);
    assert.equal(patch({ name: 'other' }), 400);
  });

  it('never creates', () => {
    const api = new TestApi();
    api.expect(404, 'PATCH', path, { body: {}, contentType: merge });
    api.expect(404, 'PATCH', `${gadgetsPath}/g`, { body: {}, contentType: merge });
  });

  it('is refused in the words of the API server', () => {
    const { api } = apiWith();
    const refuse = (status: number, contentType: string, bytes: string, query = 'fieldValidation=Strict') =>
      api.expect(status, 'PATCH', path, { bytes, contentType, query });
    assert.equal(refuse(415, 'application/json', '{}')['message'], '415: Unsupported Media Type');
    assert.equal(refuse(400, merge, '{')['message'], 'error decoding patch: unexpected end of JSON input');
    assert.deepEqual(refuse(422, json, '[{"op":"test","path":"/spec/size","value":2}]'), {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'the server rejected our request due to an error in our request',
      reason: 'Invalid',
      details: {},
      code: 422,
    });
    const unknown = refuse(422, strategic, '{"spec":{"sise":2}}');
    assert.equal(
      unknown['message'],
      ' "" is invalid: patch: Invalid value: "map[spec:map[sise:2]]": strict decoding error: unknown field "spec.sise"',
    );
    assert.deepEqual(unknown['details'], {
      causes: [
        {
          reason: 'FieldValueInvalid',
          message: 'Invalid value: "map[spec:map[sise:2]]": strict decoding error: unknown field "spec.sise"',
          field: 'patch',
        },
      ],
    });
    const wrongType = refuse(422, merge, '{"spec":{"size":"x"}}', '');
    assert.match(
      String(wrongType['message']),
      /cannot unmarshal string into Go struct field WidgetSpec\.spec\.size of type int32$/,
    );
    const warned = api.call('PATCH', path, {
      bytes: '[{"op":"add","path":"/spec/sise","value":1,"odd":2}]',
      contentType: json,
    });
    assert.deepEqual(warned.warnings, ['json patch unknown field "[0].odd"', 'unknown field "spec.sise"']);
    assert.equal(
      refuse(422, merge, '{}', 'force=true')['message'],
      'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    );
  });
});

describe('applying', () => {
  const contentType = 'application/apply-patch+yaml';
  const apply = (api: TestApi, status: number, body: unknown, query = 'fieldManager=tester') =>
    api.expect(status, 'PATCH', path, { body, contentType, query });

  it('creates, changes, and takes back what is no longer applied', () => {
    const api = new TestApi();
    const created = apply(api, 201, widget('a', { size: 1, tags: ['x'] }));
    assert.deepEqual(created['spec'], { color: 'red', size: 1, tags: ['x'] });
    const [entry] = created.metadata.managedFields ?? [];
    assert.equal(entry?.manager, 'tester');
    assert.equal(entry?.operation, 'Apply');
    const changed = apply(api, 200, widget('a', { size: 2 }));
    assert.deepEqual(changed['spec'], { color: 'red', size: 2 });
    assert.equal(changed.metadata.generation, 2);
    api.time.advance(60_000);
    assert.deepEqual(apply(api, 200, widget('a', { size: 2 })), changed);
  });

  it('finds conflicts with others, unless it is forced', () => {
    const { api } = apiWith({ size: 1 });
    const refusal = apply(api, 409, widget('a', { size: 2 }));
    assert.equal(refusal['reason'], 'Conflict');
    assert.equal(
      refusal['message'],
      'Apply failed with 1 conflict: conflict with "kubectl" using example.com/v1: .spec.size',
    );
    const forced = apply(api, 200, widget('a', { size: 2 }), 'fieldManager=tester&force=true');
    assert.deepEqual(forced['spec'], { color: 'red', size: 2 });
  });

  it('is refused without a manager, for another object, and for what is no YAML', () => {
    const api = new TestApi();
    assert.equal(
      apply(api, 422, widget('a'), '')['message'],
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
    api.expect(404, 'PATCH', `${path}/status`, { body: widget('a'), contentType, query: 'fieldManager=x' });
    assert.equal(
      apply(api, 409, widget('a', {}, { uid: 'u' }))['message'],
      'Operation cannot be fulfilled on widgets.example.com "a": uid mismatch: the provided object specified uid u, and no existing object was found',
    );
    apply(api, 400, widget('b'));
    const bytes = (text: string) =>
      api.expect(400, 'PATCH', path, {
        bytes: text,
        contentType,
        query: 'fieldManager=x&fieldValidation=Strict',
      });
    assert.match(String(bytes('a: [')['message']), /^error decoding YAML: /);
    const twice = JSON.stringify(widget('a', { size: 1 })).replace('"size":1', '"size":1,"size":1');
    assert.match(String(bytes(twice)['message']), /^error strict decoding YAML: .*spec\.size/);
    api.expect(404, 'GET', path);
  });
});
