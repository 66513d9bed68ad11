import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, test } from 'node:test';
import { type AdminRoute, type AdminServer, type AdminTimeouts, startAdminServer } from './admin-server.ts';
import type { Logger } from './logger.ts';

const closing: AdminServer[] = [];
afterEach(async () => {
  for (const server of closing.splice(0)) await server.close();
});

const errors: string[] = [];
const logger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: (_fields, message) => errors.push(message),
  child: () => logger,
};

async function start(
  routes: Record<string, AdminRoute>,
  timeouts: Partial<AdminTimeouts> = {},
): Promise<AdminServer> {
  const server = await startAdminServer({
    address: '127.0.0.1',
    port: 0,
    routes: new Map(Object.entries(routes)),
    logger,
    timeouts,
  });
  closing.push(server);
  return server;
}

async function get(server: AdminServer, path: string, method = 'GET'): Promise<Response> {
  return await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
}

function dial(server: AdminServer, text: string): Socket {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(text);
  return socket;
}

const ok: AdminRoute = () => ({ status: 200, body: 'ok\n' });

test('on loopback, only hosts that name this machine are answered: a page of the web may not read it', async () => {
  const server = await start({ '/healthz': ok });
  const statusFor = async (host: string): Promise<string> => {
    const socket = dial(server, `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    return bytes.toString('latin1').split(' ')[1] ?? '';
  };
  for (const host of [
    '127.0.0.1:10254',
    'localhost',
    'LOCALHOST:1',
    'a.localhost:1',
    '[::1]:10254',
    '10.0.0.7',
  ])
    assert.equal(await statusFor(host), '200', host);
  for (const host of ['evil.example:10254', '127.0.0.1.evil.example', 'localhost.evil.example', 'x'])
    assert.equal(await statusFor(host), '421', host);
});

test('a route answers GET and HEAD with plain text that nobody stores', async () => {
  const server = await start({ '/healthz': ok });
  const response = await get(server, '/healthz');
  assert.equal(response.status, 200);
  assert.equal(await response.text(), 'ok\n');
  assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.equal(response.headers.get('cache-control'), 'no-store');
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(response.headers.get('server'), null);
  const head = await get(server, '/healthz', 'HEAD');
  assert.equal(head.status, 200);
  assert.equal(head.headers.get('content-length'), '3');
  assert.equal(await head.text(), '');
});

test('the route sees path and query; its status and type are kept', async () => {
  const server = await start({
    '/explain': ({ method, path, query }) => ({
      status: 503,
      contentType: 'application/json',
      body: JSON.stringify([method, path, query.get('url')]),
    }),
  });
  const response = await get(server, '/explain?url=http%3A%2F%2Fa%2F');
  assert.equal(response.status, 503);
  assert.equal(response.headers.get('content-type'), 'application/json');
  assert.deepEqual(await response.json(), ['GET', '/explain', 'http://a/']);
});

test('a route that ends with /* takes every name there, and nothing deeper', async () => {
  const server = await start({
    '/requests/*': ({ path }) => ({ status: 200, body: path }),
    '/requests/own': ok,
  });
  assert.equal(await (await get(server, '/requests/some%2Fid')).text(), '/requests/some%2Fid');
  assert.equal(await (await get(server, '/requests/own')).text(), 'ok\n');
  for (const path of ['/requests', '/requests/a/b', '/other/a', '/a'])
    assert.equal((await get(server, path)).status, 404, path);
});

test('other paths are 404, other methods 405', async () => {
  const server = await start({ '/healthz': ok });
  for (const path of ['/', '/healthz/', '/constructor', '//healthz']) {
    assert.equal((await get(server, path)).status, 404);
  }
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    const response = await get(server, '/healthz', method);
    assert.equal(response.status, 405);
    assert.equal(response.headers.get('allow'), 'GET, HEAD');
  }
});

test('a route that fails is 500 without its message, and is logged', async () => {
  errors.length = 0;
  const server = await start({
    '/throws': () => {
      throw new Error('secret');
    },
    '/rejects': () => Promise.reject(new Error('secret')),
  });
  for (const path of ['/throws', '/rejects']) {
    const response = await get(server, path);
    assert.equal(response.status, 500);
    assert.equal(await response.text(), 'internal error\n');
  }
  assert.equal(errors.length, 2);
});

test('a route that never answers is 503 after its time', async () => {
  const server = await start({ '/hangs': () => new Promise(() => {}), '/healthz': ok }, { routeMs: 20 });
  const hanging = get(server, '/hangs');
  assert.equal((await get(server, '/healthz')).status, 200);
  assert.equal((await hanging).status, 503);
});

test('a body in pieces arrives whole; a failure in the middle cuts the response', async () => {
  function* pieces(): Generator<string> {
    for (let index = 0; index < 100; index += 1) yield `${index} ${'é'.repeat(1000)}\n`;
  }
  function* broken(): Generator<string> {
    yield 'begin\n';
    throw new Error('broken');
  }
  const server = await start({
    '/metrics': () => ({ status: 200, body: pieces() }),
    '/broken': () => ({ status: 200, body: broken() }),
  });
  assert.equal(await (await get(server, '/metrics')).text(), [...pieces()].join(''));
  await assert.rejects(async () => (await get(server, '/broken')).text());
});

test('a scrape that does not read is cut off, holds little, and harms nobody', async () => {
  let produced = 0;
  let onEnd = (): void => {};
  const givenUp = new Promise<void>((resolve) => {
    onEnd = resolve;
  });
  function* endless(): Generator<string> {
    try {
      for (;;) {
        produced += 1;
        yield 'x'.repeat(64 * 1024);
      }
    } finally {
      onEnd();
    }
  }
  const routes = { '/metrics': () => ({ status: 200, body: endless() }), '/healthz': ok };
  const server = await start(routes, { idleMs: 100 });
  const socket = dial(server, 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
  socket.pause();
  assert.equal((await get(server, '/healthz')).status, 200);
  await givenUp;
  assert.ok(produced < 1000, String(produced));
  socket.destroy();
});

test('a client that sends half a request, or nonsense, is cut off', async () => {
  const server = await start({ '/healthz': ok }, { idleMs: 50 });
  await once(dial(server, 'GET /healthz HTTP/1.1\r\nHos'), 'close');
  await once(dial(server, '\x16\x03\x01\x00'), 'close');
  assert.equal((await get(server, '/healthz')).status, 200);
});

test('a port in use is an error with its code', async () => {
  const first = await start({});
  await assert.rejects(
    startAdminServer({ address: '127.0.0.1', port: first.port, routes: new Map(), logger }),
    { code: 'EADDRINUSE' },
  );
});

test('close ends open connections', async () => {
  const server = await start({ '/hangs': () => new Promise(() => {}) });
  const socket = dial(server, 'GET /hangs HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'connect');
  await get(server, '/');
  const closed = once(socket, 'close');
  await server.close();
  await closed;
});

test('what is below a guarded path wants to be let in, whether there is a route or not; the rest stays open', async () => {
  const server = await startAdminServer({
    address: '127.0.0.1',
    port: 0,
    routes: new Map([
      ['/healthz', ok],
      ['/debug/table', ok],
    ]),
    logger,
    guarded: { below: '/debug/', admits: (authorization) => authorization === 'Bearer right' },
  });
  closing.push(server);
  const statusOf = async (
    path: string,
    headers: Record<string, string> = {},
    method = 'GET',
  ): Promise<number> => (await fetch(`http://127.0.0.1:${server.port}${path}`, { method, headers })).status;
  assert.equal(await statusOf('/healthz'), 200);
  for (const path of ['/debug/table', '/debug/', '/debug/nothing', '/debug/table?token=right']) {
    assert.equal(await statusOf(path), 401, path);
    assert.equal(await statusOf(path, {}, 'HEAD'), 401, path);
    assert.equal(await statusOf(path, { authorization: 'Bearer wrong' }), 401, path);
  }
  assert.equal(await statusOf('/debug/table', { authorization: 'Bearer right' }), 200);
  assert.equal(await statusOf('/debug/nothing', { authorization: 'Bearer right' }), 404);
  const refused = await get(server, '/debug/table');
  assert.equal(refused.headers.get('www-authenticate'), 'Bearer realm="admin"');
  assert.match(await refused.text(), /--admin-token-file/);
  for (const target of [
    '//debug/table',
    '/x/../debug/table',
    '/%64ebug/table',
    'http://127.0.0.1/debug/table',
  ]) {
    const socket = dial(server, `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    assert.match(bytes.toString('latin1'), /^HTTP\/1\.1 40[14] /, target);
  }
});
