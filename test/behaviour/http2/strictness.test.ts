// What HTTP/2 can say and HTTP/1.1 must not hear (RFC 9113 8.2 and 8.3; rules M1 to M6, M11): each such request is answered or reset on its
// own stream, reaches no upstream, and a good one on the same connection is served.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { okResponse, startAnswering, startProxy, type TestProxy } from '../harness.ts';
import { type Fields, FrameClient, frameTypes, getFields, postFields } from './frame-client.ts';

const without = (name: string): Fields => getFields().filter(([each]) => each !== name);
const withValue = (name: string, value: string): Fields =>
  getFields().map(([each, old]) => [each, each === name ? value : old]);
const many = Array.from({ length: 97 }, (_, i): readonly [string, string] => [`x-${i}`, 'v']);

/** Name, fields, and the reason in the log; empty: the codec itself resets the stream. */
const cases: readonly (readonly [name: string, fields: Fields, reason: string])[] = [
  ['M1: no :method', without(':method'), ''],
  ['M1: no :path', without(':path'), ''],
  ['M1: no :scheme', without(':scheme'), ''],
  ['M1: :path twice', getFields('/', [':path', '/b']), ''],
  ['M1: an unknown pseudo field', [[':status', '200'], ...getFields()], ''],
  ['M1: a pseudo field behind others', [['x', 'y'], ...getFields()], ''],
  ['M1: another :scheme', withValue(':scheme', 'https'), 'scheme'],
  ['M1: a :scheme of no web', withValue(':scheme', 'ftp'), 'scheme'],
  ['M2: an absolute :path', withValue(':path', 'http://b.test/'), ''],
  ['M2: a :path without a slash', withValue(':path', 'a'), ''],
  ['M2: a fragment in :path', withValue(':path', '/a#b'), 'target-byte'],
  ['M2: a bad escape in :path', withValue(':path', '/%zz'), 'target-escape'],
  ['M2: a second request in :method', withValue(':method', 'GET / HTTP/1.1\r\nX:'), ''],
  ['M2: TRACE', withValue(':method', 'TRACE'), 'method-refused'],
  ['M3: Connection', getFields('/', ['connection', 'x']), ''],
  ['M3: Transfer-Encoding', postFields('/', ['transfer-encoding', 'chunked']), ''],
  ['M3: Upgrade', getFields('/', ['upgrade', 'h2c']), ''],
  ['M3: HTTP2-Settings', getFields('/', ['http2-settings', 'AA']), ''],
  ['M3: TE with more than trailers', getFields('/', ['te', 'trailers, gzip']), ''],
  ['M4: a Host other than :authority', getFields('/', ['host', 'b.test']), 'authority-differs'],
  ['M4: two Hosts', [...without(':authority'), ['host', 'a.test'], ['host', 'b.test']], ''],
  ['M4: neither', without(':authority'), ''],
  ['M4: userinfo', withValue(':authority', 'a@a.test'), 'host-invalid'],
  ['M4: two ports', withValue(':authority', 'a.test:80:80'), 'host-invalid'],
  ['M5: a Content-Length without a body', getFields('/', ['content-length', '3']), ''],
  ['M5: Content-Length twice', postFields('/', ['content-length', '3'], ['content-length', '3']), ''],
  ['M5: a Content-Length with a sign', postFields('/', ['content-length', '+3']), ''],
  [
    'M8: CONNECT',
    [
      [':method', 'CONNECT'],
      [':authority', 'a.test'],
    ],
    'method-refused',
  ],
  ['M11: too many fields', getFields('/', ...many), 'too-many-fields'],
  ['M11: too many crumbs', getFields('/', ...many.map(([, v]) => ['cookie', v] as const)), 'too-many-fields'],
  ['L2: a long field', getFields('/', ['x', 'a'.repeat(9_000)]), 'field-line-too-long'],
  ['X3: an alias of framing', getFields('/', ['content_length', '3']), 'framing-alias'],
];

interface Setup {
  readonly proxy: TestProxy;
  readonly client: FrameClient;
  readonly requests: string[];
}

async function start(t: TestContext): Promise<Setup> {
  const requests: string[] = [];
  const port = await startAnswering(t, (request) => {
    requests.push(request);
    return okResponse('ok');
  });
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  return { proxy, client: await FrameClient.open(t, proxy.port), requests };
}

for (const [name, fields, reason] of cases) {
  test(name, async (t) => {
    const { proxy, client, requests } = await start(t);
    client.headers(1, fields);
    client.headers(3, getFields('/good'));
    assert.equal(await client.untilStatus(3), 200);
    await client.untilEnd(3);
    const isOfFirst = (type: number) => (frame: { type: number; stream: number }) =>
      frame.stream === 1 && frame.type === type;
    if (reason === '') {
      await client.until(isOfFirst(frameTypes.reset), 'the reset');
    } else {
      const status = await client.untilStatus(1);
      assert.ok(status >= 400 && status < 502, String(status));
      await client.untilEnd(1);
    }
    assert.deepEqual(
      requests.map((request) => request.split('\r\n')[0]),
      ['GET /good HTTP/1.1'],
    );
    const lines = await proxy.log();
    assert.deepEqual(
      lines.filter((line) => line['request_uri'] !== '/good').map((line) => line['reason']),
      reason === '' ? [] : [reason],
    );
  });
}

test('M11: a field list that decodes to more than its bound is refused, however small it came', async (t) => {
  const { client, requests } = await start(t);
  // One literal goes into the dynamic table, then an index of one byte stands for it sixteen times.
  const long = Buffer.alloc(4_000, 'a');
  const literal = Buffer.concat([
    Buffer.from([0x40, 1, 0x78, 127, ...varint(4_000 - 127)]),
    long,
    Buffer.alloc(16, 0x80 | 62),
  ]);
  const pseudo = Buffer.from([0x82, 0x86, 0x84, 0x41, 6, ...Buffer.from('a.test')]);
  client.frame(frameTypes.headers, 5, 1, Buffer.concat([pseudo, literal]));
  assert.equal(await client.untilStatus(1), 431);
  client.headers(3, getFields());
  assert.equal(await client.untilStatus(3), 200);
  assert.equal(requests.length, 1);
});

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return bytes;
}

test('what is right goes upstream as HTTP/1.1 says it', async (t) => {
  const { client, requests } = await start(t);
  client.headers(
    1,
    getFields(
      '/a/../b?c=d',
      ['cookie', 'a=1'],
      ['x-first', 'é'],
      ['cookie', 'b=2'],
      ['__proto__', 'x'],
      ['te', 'trailers'],
      ['x-forwarded-for', '6.6.6.6'],
      ['host', 'A.test'],
    ),
  );
  await client.untilEnd(1);
  const [request = ''] = requests;
  assert.ok(request.startsWith('GET /b?c=d HTTP/1.1\r\nHost: a.test\r\n'), request);
  assert.ok(request.includes('\r\nx-first: é\r\n'), request);
  assert.ok(request.includes('\r\ncookie: a=1; b=2\r\n'), request);
  assert.equal(request.match(/X-Forwarded-For/gi)?.length, 1);
  assert.ok(!request.includes('transfer-encoding'), request);
});

test('the log tells of a refused request what is plain of it', async (t) => {
  const { proxy, client } = await start(t);
  client.headers(1, getFields('/a?b=c', ['host', 'b.test']));
  await client.untilEnd(1);
  const [line] = await proxy.log();
  assert.deepEqual(
    [
      line?.['request_method'],
      line?.['request_uri'],
      line?.['server_protocol'],
      line?.['status'],
      line?.['reason'],
    ],
    ['GET', '/a?b=c', 'HTTP/2.0', 400, 'authority-differs'],
  );
});
