import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { parse } from 'yaml';
import type { ApiHandler, ApiRequest } from '../rest/api-request.ts';
import { adminToken, readToEnd, startListener, valueAnswer } from './listener.fixture.ts';

const seen: ApiRequest[] = [];
let handler: ApiHandler = () => valueAnswer({ kind: 'Fine' });
const api = await startListener(
  (request) => {
    seen.push(request);
    return handler(request);
  },
  { limits: { maxBodyBytes: 1000 } },
);
after(() => api.stop());

test('the API sees method, path, query, fields and the whole body', async () => {
  handler = () => valueAnswer({ kind: 'Ingress' }, 201);
  const answer = await api.ask('/apis/a%2Fb/v1?dryRun=All&x=%C3%A4', {
    method: 'POST',
    body: '{"a":"ü"}',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'User-Agent': 'kubectl/v1' },
  });
  assert.equal(answer.status, 201);
  assert.equal(answer.body.toString(), '{"kind":"Ingress"}\n');
  const request = seen.at(-1);
  assert.ok(request !== undefined && request.body instanceof Uint8Array);
  assert.equal(request.method, 'POST');
  assert.equal(request.path, '/apis/a%2Fb/v1');
  assert.deepEqual(
    [...request.query],
    [
      ['dryRun', 'All'],
      ['x', 'ä'],
    ],
  );
  assert.equal(request.contentType, 'application/json');
  assert.equal(request.userAgent, 'kubectl/v1');
  assert.equal(Buffer.from(request.body).toString(), '{"a":"ü"}');
});

test('fields of every answer', async () => {
  handler = () => ({
    kind: 'value',
    status: 200,
    value: {},
    warnings: ['old "version"', 'old "version"', 'b'],
  });
  const { headers } = await api.ask('/api', { headers: { 'Audit-Id': 'my-id-1' } });
  assert.equal(headers['audit-id'], 'my-id-1');
  assert.equal(headers['cache-control'], 'no-cache, private');
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['content-length'], '3');
  assert.equal(headers['warning'], '299 - "old \\"version\\"", 299 - "b"');
  const other = await api.ask('/api', { headers: { 'Audit-Id': 'no id"' } });
  assert.match(String(other.headers['audit-id']), /^[0-9a-f-]{36}$/);
});

test('YAML, pretty JSON for people, and 406 for the rest', async () => {
  handler = () => valueAnswer({ b: 'yes', a: [1] });
  const yaml = await api.ask('/api', { headers: { Accept: 'application/yaml' } });
  assert.equal(yaml.headers['content-type'], 'application/yaml');
  assert.equal(yaml.body.toString(), 'a:\n- 1\nb: "yes"\n');
  const curl = await api.ask('/api', { headers: { 'User-Agent': 'curl/8.0' } });
  assert.equal(curl.body.toString(), '{\n  "b": "yes",\n  "a": [\n    1\n  ]\n}\n');
  const proto = { Accept: 'application/vnd.kubernetes.protobuf,application/json' };
  assert.equal((await api.ask('/api', { headers: proto })).headers['content-type'], 'application/json');
  const before = seen.length;
  const refused = await api.ask('/api/v1/x', {
    method: 'POST',
    headers: { Accept: 'text/html' },
    body: '{}',
  });
  assert.equal(refused.status, 406);
  assert.match(refused.body.toString(), /Available representations: application\/json, application\/yaml/);
  assert.equal(seen.length, before, 'nothing was written');
});

test('a body over the limit: 413, announced or not, and the connection goes on when it was read', async () => {
  for (const headers of [{}, { 'Transfer-Encoding': 'chunked' }]) {
    const answer = await api.ask('/api', { method: 'POST', body: 'x'.repeat(1001), headers });
    assert.equal(answer.status, 413);
    assert.match(answer.body.toString(), /"message":"Request entity too large: limit is 1000"/);
  }
  assert.equal((await api.ask('/api', { method: 'POST', body: 'x'.repeat(1000) })).status, 200);
});

test('Expect: 100-continue is confirmed to known clients within the limit only', async () => {
  const send = async (token: string, length: number): Promise<string> => {
    const socket = await api.tls();
    socket.write(
      `POST /api HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nContent-Length: ${length}\r\n` +
        'Expect: 100-continue\r\nConnection: close\r\n\r\n',
    );
    socket.once('data', (chunk: Buffer) => {
      if (chunk.includes('100 Continue')) socket.write('x'.repeat(length));
    });
    return await readToEnd(socket);
  };
  handler = () => valueAnswer({});
  assert.match(await send(adminToken, 10), /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/);
  assert.match(await send(adminToken, 5000), /^HTTP\/1.1 413 /);
  assert.match(await send('wrong', 10), /^HTTP\/1.1 401 /);
});

test('methods: HEAD for pages, not for resources; nothing else', async () => {
  for (const method of ['OPTIONS', 'HEAD', 'TRACE', 'PROPFIND']) {
    const answer = await api.ask('/api/v1/namespaces', { method });
    assert.equal(answer.status, 405, method);
    assert.equal(answer.headers['allow'], 'GET, POST, PUT, PATCH, DELETE');
  }
  const head = await api.ask('/healthz', { method: 'HEAD' });
  assert.deepEqual([head.status, head.headers['content-length'], head.body.length], [200, '2', 0]);
});

test('pages: what is not there is told as kube-apiserver does, also a page with a slash behind it', async () => {
  const before = seen.length;
  for (const path of ['/readyz/', '/healthz/', '/livez/', '/readyz/nope', '/livez/ping/', '/healthz/a/b']) {
    const { status, headers, body } = await api.ask(path);
    assert.deepEqual([status, headers['content-type']], [404, 'text/plain; charset=utf-8'], path);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(body.toString(), '404 page not found\n');
    assert.equal((await api.ask(path, { token: null })).status, 401, path);
  }
  assert.equal((await api.ask('/livez/ping')).status, 200);
  assert.equal(seen.length, before, 'the API is not asked');
});

test('a body in a content encoding: 415', async () => {
  const headers = { 'Content-Encoding': 'gzip' };
  assert.equal((await api.ask('/api', { method: 'POST', body: 'x', headers })).status, 415);
});

test('large answers are compressed on demand and complete either way', async () => {
  const items = Array.from({ length: 3000 }, (_, index) => ({ name: `item-${index}`, text: 'x'.repeat(60) }));
  handler = () => valueAnswer({ kind: 'List', items, metadata: {} });
  const plain = await api.ask('/api');
  assert.deepEqual(JSON.parse(plain.body.toString()), { kind: 'List', items, metadata: {} });
  const zipped = await api.ask('/api', { headers: { 'Accept-Encoding': 'gzip' } });
  assert.equal(zipped.headers['content-encoding'], 'gzip');
  assert.ok(zipped.body.length < plain.body.length / 5);
  assert.deepEqual(gunzipSync(zipped.body), plain.body);
  const yaml = await api.ask('/api', { headers: { Accept: 'application/yaml' } });
  assert.deepEqual(parse(yaml.body.toString()), { kind: 'List', items, metadata: {} });
  handler = () => ({ kind: 'bytes', status: 200, contentType: 'text/x', bytes: Buffer.alloc(200_000, 'y') });
  const bytes = await api.ask('/openapi/v2', { headers: { 'Accept-Encoding': 'gzip;q=1.0, br' } });
  assert.deepEqual(gunzipSync(bytes.body), Buffer.alloc(200_000, 'y'));
  handler = () => valueAnswer({ small: true });
  const small = await api.ask('/api', { headers: { 'Accept-Encoding': 'gzip' } });
  assert.equal(small.headers['content-encoding'], undefined);
});

test('304 for an ETag that the client has', async () => {
  handler = () => ({
    kind: 'value',
    status: 200,
    value: { a: 1 },
    warnings: [],
    headers: { ETag: '"H"', 'Cache-Control': 'public' },
  });
  const first = await api.ask('/apis');
  assert.deepEqual(
    [first.status, first.headers.etag, first.headers['cache-control']],
    [200, '"H"', 'public'],
  );
  const again = await api.ask('/apis', { headers: { 'If-None-Match': '"other", "H"' } });
  assert.deepEqual([again.status, again.headers.etag, again.body.length], [304, '"H"', 0]);
  assert.equal((await api.ask('/apis', { headers: { 'If-None-Match': '"h"' } })).status, 200);
});

test('a defect of the API: 500 for its client, the reason in the log', async () => {
  handler = () => {
    throw new Error('broken on purpose');
  };
  const answer = await api.ask('/api');
  assert.equal(answer.status, 500);
  assert.doesNotMatch(answer.body.toString(), /purpose/);
  assert.match(api.log(), /broken on purpose/);
  handler = () => valueAnswer({});
  assert.equal((await api.ask('/api')).status, 200);
});

test('/version names the API version that is served', async () => {
  const version: unknown = JSON.parse((await api.ask('/version')).body.toString());
  assert.ok(typeof version === 'object' && version !== null);
  assert.deepEqual(
    Object.entries(version).filter(([key]) => ['major', 'minor', 'gitVersion'].includes(key)),
    [
      ['major', '1'],
      ['minor', '36'],
      ['gitVersion', 'v1.36.0+sallyport-1.2.3'],
    ],
  );
});
