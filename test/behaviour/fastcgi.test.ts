// FastCGI to endpoints: what a server is told, how its answers reach the client, and what becomes of answers that are none.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { defaultTrafficSettings } from '../../src/model/index.ts';
import { answerRecords, endRecord, type FastCgiRequest, record, startFastCgi } from './fastcgi-responder.ts';
import { RawClient, startProxy, startUpstream, type TestProxy } from './harness.ts';
import { makePatch } from './table.ts';

const policy = {
  fastCgi: {
    index: 'index.php',
    params: [
      ['SCRIPT_FILENAME', [{ kind: 'text', text: '/app' }, { kind: 'script' }]],
      ['SERVER_SOFTWARE', [{ kind: 'text', text: 'own' }]],
      ['QUERY', [{ kind: 'variable', name: 'args' }]],
    ],
  },
};

async function startFront(t: TestContext, port: number): Promise<TestProxy> {
  return await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'php', policies: { 'backend-protocol': policy } }] },
    upstreams: { php: [port] },
  });
}

interface World {
  readonly proxy: TestProxy;
  readonly requests: FastCgiRequest[];
  readonly ask: (request: string) => Promise<string>;
}

async function startWorld(
  t: TestContext,
  answer: (request: FastCgiRequest) => Buffer | null,
): Promise<World> {
  const requests: FastCgiRequest[] = [];
  const port = await startFastCgi(t, (request) => {
    requests.push(request);
    return answer(request);
  });
  const proxy = await startFront(t, port);
  return {
    proxy,
    requests,
    async ask(request) {
      const client = await RawClient.open(t, proxy.port);
      client.send(request);
      return await client.untilClosed();
    },
  };
}

function get(target: string, fields = ''): string {
  return `GET ${target} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n${fields}\r\n`;
}

const plain = 'Content-Type: text/plain\r\n\r\n';

test('a server is told what nginx tells it, and what the route says itself', async (t) => {
  const { ask, requests } = await startWorld(t, () => answerRecords(`${plain}hello`));
  const answer = await ask(
    get(
      '/shop/a%20b/?x=1&y=%2F',
      'X-Team: one\r\nX-Team: two\r\nCookie: a=1\r\nCookie: b=2\r\nProxy: http://evil\r\n',
    ),
  );
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(answer, /\r\n5\r\nhello\r\n0\r\n\r\n$/);
  const { params, flags, body } = requests[0] ?? assert.fail('no request came');
  assert.equal(flags, 0);
  assert.equal(body, '');
  const wanted = {
    REQUEST_METHOD: 'GET',
    QUERY_STRING: 'x=1&y=%2F',
    REQUEST_URI: '/shop/a%20b/?x=1&y=%2F',
    DOCUMENT_URI: '/shop/a b/',
    SCRIPT_NAME: '/shop/a b/index.php',
    SCRIPT_FILENAME: '/app/shop/a b/index.php',
    CONTENT_TYPE: '',
    CONTENT_LENGTH: '',
    SERVER_PROTOCOL: 'HTTP/1.1',
    REQUEST_SCHEME: 'http',
    GATEWAY_INTERFACE: 'CGI/1.1',
    SERVER_SOFTWARE: 'own',
    SERVER_NAME: 'a.test',
    REMOTE_ADDR: '127.0.0.1',
    REDIRECT_STATUS: '200',
    QUERY: 'x=1&y=%2F',
    HTTP_HOST: 'a.test',
    HTTP_X_TEAM: 'one, two',
    HTTP_COOKIE: 'a=1; b=2',
    HTTP_X_FORWARDED_FOR: '127.0.0.1',
    HTTP_X_FORWARDED_PROTO: 'http',
  };
  for (const [name, value] of Object.entries(wanted)) assert.equal(params[name], value, name);
  for (const name of ['HTTP_PROXY', 'HTTPS', 'HTTP_CONNECTION']) assert.equal(params[name], undefined, name);
});

test('what is escaped in a path never names another script', async (t) => {
  const { ask, requests } = await startWorld(t, () => answerRecords(`${plain}x`));
  await ask(get('/a%2fb%5Cc%0A.php'));
  assert.equal(requests[0]?.params.SCRIPT_FILENAME, '/app/a%2Fb%5Cc%0A.php');
  for (const target of ['/a/..%2f..%2fetc/passwd', '/a/%2e%2e/b.php', '/x%00.php']) {
    const answer = await ask(get(target));
    const name = requests.at(-1)?.params.SCRIPT_FILENAME ?? '';
    assert.ok(answer.startsWith('HTTP/1.1 400') || !/\/\.\.(?:\/|$)|\0/.test(name), `${target}: ${name}`);
  }
});

test('bodies go on as they come, large ones in many records, with their length', async (t) => {
  const { ask, requests } = await startWorld(t, ({ body }) => answerRecords(`${plain}${body.length}`));
  const body = 'x'.repeat(300_000);
  const answer = await ask(
    `POST /up.php HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nContent-Type: text/x\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  assert.match(answer, /\r\n300000\r\n/);
  assert.equal(requests[0]?.body, body);
  assert.equal(requests[0]?.params.CONTENT_LENGTH, '300000');
  assert.equal(requests[0]?.params.CONTENT_TYPE, 'text/x');
});

test('a body of unknown length is refused, and no server is asked', async (t) => {
  const { ask, requests, proxy } = await startWorld(t, () => answerRecords(plain));
  const head = 'POST / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n';
  assert.match(await ask(`${head}1\r\nx\r\n0\r\n\r\n`), /^HTTP\/1\.1 411 /);
  assert.equal(requests.length, 0);
  assert.equal((await proxy.log())[0]?.reason, 'length-required');
});

test('heads of scripts become heads of HTTP', async (t) => {
  const cases: readonly [string, RegExp][] = [
    ['Status: 404 Not Found\r\nX-A: 1\r\n\r\nno', /^HTTP\/1\.1 404 Not Found\r\n[^]*X-A: 1\r\n[^]*no\r\n/],
    ['Status: 204\n\n', /^HTTP\/1\.1 204 /],
    ['Location: /there\r\n\r\n', /^HTTP\/1\.1 302 Found\r\n[^]*Location: \/there\r\n/],
    ['Location: /there\nStatus: 301 Moved\n\n', /^HTTP\/1\.1 301 Moved\r\n/],
    [
      'Content-Type: a/b\nContent-Length: 2\n\nok',
      /^HTTP\/1\.1 200 OK\r\n[^]*Content-Length: 2\r\n[^]*\r\n\r\nok$/,
    ],
    ['X: 1\r\nTransfer-Encoding: chunked\r\nConnection: upgrade\r\n\r\nok', /\r\n2\r\nok\r\n0\r\n\r\n$/],
  ];
  for (const [text, wanted] of cases) {
    const { ask } = await startWorld(t, () => answerRecords(text));
    assert.match(await ask(get('/')), wanted);
  }
  const { ask } = await startWorld(t, () =>
    answerRecords('Content-Type: a/b\r\nContent-Length: 4\r\n\r\nbody'),
  );
  const head = await ask('HEAD / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n');
  assert.match(head, /\r\nContent-Length: 4\r\n/);
  assert.ok(head.endsWith('\r\n\r\n'));
});

test('pieces arrive as they are written, and the connection of the client is kept', async (t) => {
  let server: RawClient | null = null;
  const asked = Promise.withResolvers<void>();
  const { proxy } = await startWorld(t, ({ client }) => {
    server ??= client;
    asked.resolve();
    return null;
  });
  const client = await RawClient.open(t, proxy.port);
  client.send('GET /stream HTTP/1.1\r\nHost: a.test\r\n\r\n');
  await asked.promise;
  const say = (bytes: Buffer): void => (server ?? assert.fail('nobody asked')).send(bytes);
  say(Buffer.concat([record(7, 'a warning\n'), record(6, plain.slice(0, 9))]));
  say(record(6, `${plain.slice(9)}one`));
  await client.until((text) => text.includes('one'));
  say(record(6, 'two'));
  await client.until((text) => text.includes('two'));
  say(endRecord());
  await client.until((text) => text.endsWith('0\r\n\r\n'));
  assert.equal(client.isClosed, false);
});

test('what is no answer is 502, and one that breaks off breaks off', async (t) => {
  const begun = record(6, `${plain}begun`);
  const cases: readonly [string, Buffer, number, string][] = [
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 502, 'upstream-response-malformed'],
    ['another request', record(6, plain, 2), 502, 'upstream-response-malformed'],
    ['another record', record(9, 'x'), 502, 'upstream-response-malformed'],
    ['no head', endRecord(), 502, 'upstream-response-malformed'],
    ['no field', answerRecords('<html>\r\n\r\n'), 502, 'upstream-response-malformed'],
    ['a bad status', answerRecords('Status: 101 x\r\n\r\n'), 502, 'upstream-response-malformed'],
    ['an endless head', record(6, `X: ${'x'.repeat(40_000)}`), 502, 'upstream-response-malformed'],
    ['nothing', Buffer.alloc(0), 502, 'upstream-reset'],
    ['overloaded', endRecord(2), 502, 'upstream-refused'],
    ['no end', begun, 200, 'upstream-truncated'],
    ['a bad end', Buffer.concat([begun, endRecord(1)]), 200, 'upstream-truncated'],
  ];
  for (const [name, bytes, status, reason] of cases) {
    const { ask, proxy } = await startWorld(t, () => bytes);
    const answer = await ask(get('/'));
    if (status === 502) assert.match(answer, /^HTTP\/1\.1 502 /, name);
    else assert.doesNotMatch(answer, /\r\n0\r\n\r\n$/, name);
    assert.equal((await proxy.log())[0]?.reason, reason, name);
  }
});

test('what a script says is compressed like any other answer', async (t) => {
  const { ask, proxy } = await startWorld(t, () =>
    Buffer.concat([record(6, `${plain}${'a'.repeat(5_000)}`), record(6, 'b'.repeat(5_000)), endRecord()]),
  );
  const gzip = { level: 1, minBytes: 256, types: ['text/plain'], disabledFor: [] };
  const traffic = { ...defaultTrafficSettings, compression: { gzip, brotli: null } };
  proxy.worker.apply({ ...makePatch({ hosts: {} }, 2), traffic });
  const answer = await ask(get('/', 'Accept-Encoding: gzip\r\n'));
  assert.match(answer, /\r\nContent-Encoding: gzip\r\n/);
  let body = '';
  for (let rest = answer.slice(answer.indexOf('\r\n\r\n') + 4); !rest.startsWith('0\r\n'); ) {
    const [size = ''] = rest.split('\r\n', 1);
    const end = size.length + 2 + Number.parseInt(size, 16);
    body += rest.slice(size.length + 2, end);
    rest = rest.slice(end + 2);
  }
  assert.equal(gunzipSync(Buffer.from(body, 'latin1')).toString(), 'a'.repeat(5_000) + 'b'.repeat(5_000));
  assert.equal(proxy.worker.core.pool.counters.upstreamConnections, 0);
});

test('a client that goes away takes its request with it', async (t) => {
  const asked = Promise.withResolvers<RawClient>();
  const { proxy } = await startWorld(t, ({ client }) => {
    asked.resolve(client);
    return null;
  });
  const client = await RawClient.open(t, proxy.port);
  client.send('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n');
  const server = await asked.promise;
  client.socket.destroy();
  await server.untilClosed();
  assert.equal((await proxy.log())[0]?.reason, 'downstream-closed');
});

test('an endpoint that is not there is tried like any other', async (t) => {
  const port = await startUpstream(t, (client) => client.socket.destroy());
  const proxy = await startFront(t, port);
  const client = await RawClient.open(t, proxy.port);
  client.send(get('/'));
  assert.match(await client.untilClosed(), /^HTTP\/1\.1 502 /);
  assert.equal(proxy.worker.core.counters.bugs, 0);
});
