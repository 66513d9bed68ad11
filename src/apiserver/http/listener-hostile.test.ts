import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import type { ApiHandler } from '../rest/api-request.ts';
import type { ApiLimits } from './limits.ts';
import {
  adminToken,
  noConnections,
  readToEnd,
  startListener,
  valueAnswer,
  type TestListener,
} from './listener.fixture.ts';

/** Runs `use` against a listener with these limits. */
async function withListener(
  limits: Partial<ApiLimits>,
  use: (api: TestListener) => Promise<void>,
  handler: ApiHandler = () => valueAnswer({}),
): Promise<void> {
  const api = await startListener(handler, { limits });
  try {
    await use(api);
  } finally {
    await api.stop();
  }
}

async function closed(socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  socket.resume();
  if (!socket.closed) await once(socket, 'close');
}

const head = `Host: a\r\nAuthorization: Bearer ${adminToken}\r\n`;

test('a head that never ends in time is given up', () =>
  withListener({ headMs: 200 }, async (api) => {
    const slow = await api.tls();
    slow.write('GET /api HTTP/1.1\r\nHost: a\r\n');
    // A byte now and then does not prolong it.
    const drip = setInterval(() => slow.write('x'), 20);
    const silent = await api.tls();
    assert.match(await readToEnd(slow), /^HTTP\/1.1 408 /);
    clearInterval(drip);
    await readToEnd(silent);
    assert.equal((await api.ask('/api')).status, 200);
  }));

test('a huge field and endless fields: 431, and nothing is kept', () =>
  withListener({ maxHeaderBytes: 16 * 1024 }, async (api) => {
    for (const field of [`X: ${'y'.repeat(20_000)}\r\n`, 'X-A: b\r\n'.repeat(4000)]) {
      const socket = await api.tls();
      const end = readToEnd(socket);
      socket.write(`GET /api HTTP/1.1\r\nHost: a\r\n${field}`);
      assert.match(await end, /^HTTP\/1.1 431 /);
    }
  }));

test('what is no HTTP: 400 and the end; a client without TLS: the end', () =>
  withListener({}, async (api) => {
    const socket = await api.tls();
    socket.write('\u0000\u0001nonsense\r\n\r\n');
    assert.match(await readToEnd(socket), /^HTTP\/1.1 400 /);
    const plain = connect(api.port, '127.0.0.1');
    plain.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
    await closed(plain);
    for (const target of ['https://other.example/api', '*', 'api']) {
      const odd = await api.tls();
      odd.write(`GET ${target} HTTP/1.1\r\n${head}Connection: close\r\n\r\n`);
      assert.match(await readToEnd(odd), /^HTTP\/1.1 400 /);
    }
  }));

test('a handshake that never comes is given up', () =>
  withListener({ handshakeMs: 100 }, async (api) => {
    const socket = connect(api.port, '127.0.0.1');
    await closed(socket);
    await noConnections(api);
  }));

test('a body that never ends in time is given up; the API never sees it', async () => {
  let asked = 0;
  const handler: ApiHandler = () => {
    asked += 1;
    return valueAnswer({});
  };
  await withListener(
    { requestMs: 300, headMs: 200 },
    async (api) => {
      const socket = await api.tls();
      socket.write(`POST /api HTTP/1.1\r\n${head}Content-Length: 1000\r\n\r\nabc`);
      const drip = setInterval(() => socket.write('x'), 20);
      await readToEnd(socket);
      clearInterval(drip);
      assert.equal(asked, 0);
    },
    handler,
  );
});

test('bodies of unknown clients are not read into memory, however long', () =>
  withListener({}, async (api) => {
    const body = Buffer.alloc(2 * 1024 * 1024);
    const answer = await api.ask('/api', { method: 'POST', body, token: 'wrong' });
    assert.equal(answer.status, 401);
    // An endless one is cut off.
    const socket = await api.tls();
    const end = readToEnd(socket);
    const piece = Buffer.from(`10000\r\n${'x'.repeat(0x10000)}\r\n`);
    socket.write('POST /api HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    const pump = (): void => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', pump);
    pump();
    assert.match(await end, /^(?:HTTP\/1.1 401 |$)/);
  }));

test('nothing below the open pages is there for unknown clients: the API is not asked, no body is kept', async () => {
  let asked = 0;
  const handler: ApiHandler = () => {
    asked += 1;
    return valueAnswer({});
  };
  await withListener(
    { maxHeldBodyBytes: 1000 },
    async (api) => {
      const holder = await api.tls();
      const end = readToEnd(holder);
      holder.write('POST /healthz/x/y HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n');
      holder.write(`${'x'.repeat(1000)}\r\n`);
      // All that may be held is still free while that body is on its way.
      const body = 'x'.repeat(1000);
      assert.equal((await api.ask('/api', { method: 'POST', body })).status, 200);
      assert.match(await end, /^HTTP\/1.1 401 /);
      for (const path of ['/healthz/x/y', '/readyz/../api/v1/secrets', '/livez//'])
        assert.equal((await api.ask(path, { token: null })).status, 401, path);
      assert.equal(asked, 1);
    },
    handler,
  );
});

test('open pages take none of the places of known clients', () =>
  withListener({ maxRequests: 1 }, async (api) => {
    const slow = await api.tls();
    const end = readToEnd(slow);
    slow.write('GET /version HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nx');
    // Asked until the slow one has its answer, which it gets because the rest of its body does not come.
    const slowAnswer = { isOver: false };
    void end.then(() => {
      slowAnswer.isOver = true;
    });
    while (!slowAnswer.isOver) assert.equal((await api.ask('/api')).status, 200);
    assert.match(await end, /^HTTP\/1.1 200 /);
  }));

test('all bodies together are bounded: 429 with a time to come back', () =>
  withListener({ maxHeldBodyBytes: 1000 }, async (api) => {
    const holder = await api.tls();
    holder.write(`POST /api HTTP/1.1\r\n${head}Content-Length: 901\r\n\r\n${'x'.repeat(900)}`);
    let answer = await api.ask('/api', { method: 'POST', body: 'x'.repeat(101) });
    // Until the first has arrived there is room.
    while (answer.status === 200) answer = await api.ask('/api', { method: 'POST', body: 'x'.repeat(101) });
    assert.deepEqual([answer.status, answer.headers['retry-after']], [429, '1']);
    holder.write('x');
    const [reply] = (await once(holder, 'data')) as [Buffer];
    assert.match(reply.toString(), /^HTTP\/1.1 200 /);
    holder.destroy();
    assert.equal((await api.ask('/api', { method: 'POST', body: 'x'.repeat(1000) })).status, 200);
  }));

test('requests at work are bounded: 429', () =>
  withListener({ maxRequests: 1 }, async (api) => {
    const holder = await api.tls();
    holder.write(`POST /api HTTP/1.1\r\n${head}Content-Length: 2\r\n\r\nx`);
    let answer = await api.ask('/api');
    while (answer.status === 200) answer = await api.ask('/api');
    assert.equal(answer.status, 429);
    holder.write('x');
    await once(holder, 'data');
    holder.destroy();
    assert.equal((await api.ask('/api')).status, 200);
  }));

test('a thousand idle connections keep nobody out, and known clients stay longest', () =>
  withListener({ maxConnections: 1000, handshakeMs: 60_000, headMs: 60_000 }, async (api) => {
    const known = await api.tls();
    known.write(`GET /api HTTP/1.1\r\n${head}\r\n`);
    await once(known, 'data');
    const idle: Socket[] = [];
    for (let index = 0; index < 1100; index += 1) {
      const socket = connect(api.port, '127.0.0.1');
      socket.on('error', () => undefined);
      idle.push(socket);
      await once(socket, 'connect');
    }
    assert.ok(api.listener.connections <= 1000);
    assert.equal((await api.ask('/api')).status, 200);
    known.write(`GET /api HTTP/1.1\r\n${head}\r\n`);
    const [again] = (await once(known, 'data')) as [Buffer];
    assert.match(again.toString(), /^HTTP\/1.1 200 /);
    for (const socket of idle) socket.destroy();
    known.destroy();
  }));

test('when every connection is at work a new one is closed', () =>
  withListener(
    { maxConnections: 1 },
    async (api) => {
      const watch = await api.open('/api/v1/services?watch=true');
      await assert.rejects(api.ask('/healthz', { token: null }));
      watch.destroy();
      await noConnections(api);
      assert.equal((await api.ask('/healthz', { token: null })).status, 200);
    },
    () => ({ kind: 'watch', warnings: [], open: () => () => undefined }),
  ));

test('a client that asks for much and reads nothing is cut off', () => {
  const items = Array.from({ length: 20_000 }, (_, index) => ({ index, text: 'x'.repeat(1000) }));
  return withListener(
    { stallMs: 300 },
    async (api) => {
      const socket = await api.tls();
      socket.pause();
      socket.write(`GET /api HTTP/1.1\r\n${head}\r\n`);
      socket.on('error', () => undefined);
      await noConnections(api);
      assert.equal((await api.ask('/healthz')).status, 200);
      socket.destroy();
    },
    () => valueAnswer({ kind: 'List', items }),
  );
});
