// Mirrors through a worker: what a copy is, and that no mirror, however bad, does anything to the requests.
import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { renderExposition } from '../../../src/observe/exposition.ts';
import { fullPatch } from '../../../src/table/index.ts';
import { refusedPort } from '../balancing/numbered.ts';
import { okResponse, passTime, RawClient, startUpstream } from '../harness.ts';
import { fieldOf, host, serve, type Served } from './annotated.ts';

interface Mirrored extends Served {
  /** Everything that came to the mirror, one text for each connection. */
  readonly copies: RawClient[];
  /** Waits until the condition holds of what came to the mirror. */
  readonly seen: (condition: (text: string) => boolean) => Promise<string>;
  readonly count: (outcome: 'answered' | 'failed' | 'dropped') => number;
  /** Waits until so many copies have come to that. */
  readonly until: (outcome: 'answered' | 'failed' | 'dropped', count: number) => Promise<void>;
}

interface Parts {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly target?: string;
  /** What the mirror says to a copy; null: nothing. */
  readonly answer?: string | null;
}

async function turn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}

async function serveMirrored(
  t: TestContext,
  { annotations, target = '$request_uri', answer = okResponse('copy') }: Parts = {},
): Promise<Mirrored> {
  const copies: RawClient[] = [];
  const port = await startUpstream(t, (client) => {
    copies.push(client);
    client.socket.on('data', () => {
      if (answer !== null) client.send(answer);
    });
  });
  const served = await serve(t, {
    annotations: { 'mirror-target': `http://127.0.0.1:${port}${target}`, ...annotations },
  });
  const { mirrored } = served.proxy.worker.core.counters;
  return {
    ...served,
    copies,
    async seen(condition) {
      for (;;) {
        const text = copies.map(({ received }) => received).join('');
        if (condition(text)) return text;
        await turn();
      }
    },
    count: (outcome) => mirrored[outcome],
    async until(outcome, count) {
      while (mirrored[outcome] < count) await turn();
    },
  };
}

/** One request on a connection of its own. */
async function post(t: TestContext, { proxy }: Served, body: string, fields = ''): Promise<string> {
  const client = await RawClient.open(t, proxy.port);
  client.send(`POST /in?a=b HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${fields}\r\n${body}`);
  return await client.untilClosed();
}

test('a copy has method, path, query and fields of the request, and the host of the mirror', async (t) => {
  const served = await serveMirrored(t);
  const { status, body } = await served.ask('/some/path?q=1', 'X-Mine: yes\r\nCookie: a=b\r\n');
  assert.deepEqual([status, body], [200, 'ok']);
  const copy = await served.seen((text) => text.includes('\r\n\r\n'));
  assert.match(copy, /^GET \/some\/path\?q=1 HTTP\/1\.1\r\nHost: 127\.0\.0\.1\r\n/);
  assert.equal(fieldOf(copy, 'X-Mine'), 'yes');
  assert.equal(fieldOf(copy, 'Cookie'), 'a=b');
  assert.equal(fieldOf(copy, 'X-Forwarded-Host'), host);
  assert.equal(fieldOf(copy, 'X-Real-IP'), '127.0.0.1');
  assert.equal(fieldOf(copy, 'X-Request-ID'), fieldOf(served.requests[0] ?? '', 'X-Request-ID'));
  assert.equal(fieldOf(copy, 'Connection'), undefined);
  await served.until('answered', 1);
  assert.match(
    renderExposition(served.proxy.worker.collect()),
    /^sallyport_mirrored_requests_total\{[^}]*outcome="answered"[^}]*\} 1$/m,
  );
});

test('mirror-host says the host, also by variables', async (t) => {
  for (const [text, wanted] of [
    ['mirror.test', 'mirror.test'],
    ['copy-of.$host', `copy-of.${host}`],
  ] as const) {
    const served = await serveMirrored(t, { annotations: { 'mirror-host': text } });
    await served.ask('/');
    assert.equal(fieldOf(await served.seen((copy) => copy.includes('\r\n\r\n')), 'Host'), wanted);
  }
});

test('a body is copied whole, whatever its framing was; switched off, the copy has none', async (t) => {
  for (const [framed, fields] of [
    ['hello world', 'Content-Length: 11\r\n'],
    ['5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n', 'Transfer-Encoding: chunked\r\n'],
  ] as const) {
    const served = await serveMirrored(t);
    await post(t, served, framed, fields);
    const copy = await served.seen((text) => text.endsWith('hello world'));
    assert.match(copy, /^POST \/in\?a=b HTTP\/1\.1\r\n[^]*\r\nContent-Length: 11\r\n\r\nhello world$/);
    assert.doesNotMatch(copy, /transfer-encoding/i);
  }
  const served = await serveMirrored(t, { annotations: { 'mirror-request-body': 'off' } });
  await post(t, served, 'hello world', 'Content-Length: 11\r\n');
  assert.match(
    await served.seen((text) => text.includes('\r\n\r\n')),
    /^POST [^]*\r\nContent-Length: 0\r\n\r\n$/,
  );
});

test('who is refused, a copy, and an upgrade are not copied', async (t) => {
  const denied = await serveMirrored(t, { annotations: { 'denylist-source-range': '127.0.0.0/8' } });
  assert.equal((await denied.ask('/')).status, 403);
  const served = await serveMirrored(t);
  await served.ask('/copied-already', 'X-Sallyport-Mirrored: 1\r\n');
  await served.ask('/last');
  await served.until('answered', 1);
  assert.match(served.copies.map(({ received }) => received).join(''), /^GET \/last /);
  assert.deepEqual([denied.copies.length, denied.count('dropped'), served.count('dropped')], [0, 0, 0]);
});

test('a mirror that is the proxy itself gets one copy, and that is not copied', async (t) => {
  const served = await serve(t, {});
  const { worker, port } = served.proxy;
  const server = {
    scheme: 'http',
    host: '127.0.0.1',
    port,
    service: null,
    verifies: true,
    allowsLoopback: true,
  };
  const mirror = { server, target: [{ kind: 'request-uri' }], host: [{ kind: 'host' }], copiesBody: true };
  const { table } = worker.core.table;
  const hosts = [...table.hosts.values()].map((each) => ({
    ...each,
    routes: each.routes.map((route) => ({ ...route, policies: { ...route.policies, mirror } })),
  }));
  worker.apply({ ...fullPatch(table), version: table.version + 1, hosts: { set: hosts, removed: [] } });
  assert.equal((await served.ask('/round')).body, 'ok');
  const { mirrored } = worker.core.counters;
  while (mirrored.answered < 1) await turn();
  assert.equal(served.requests.length, 2);
  assert.deepEqual(mirrored, { answered: 1, failed: 0, dropped: 0 });
  assert.match(served.requests[1] ?? '', /^GET \/round HTTP\/1\.1\r\n[^]*X-Sallyport-Mirrored: 1\r\n/);
});

test('a mirror that never answers delays nobody; what is too many is dropped and counted, and time ends the rest', async (t) => {
  const served = await serveMirrored(t, { answer: null });
  const client = await RawClient.open(t, served.proxy.port);
  for (let i = 1; i <= 120; i += 1) {
    client.send(`GET /${i} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await client.responses(i);
  }
  assert.equal(served.requests.length, 120);
  assert.deepEqual([served.count('dropped'), served.count('failed')], [20, 0]);
  await served.seen((text) => text.split('\r\n\r\n').length > 100);
  passTime(served.proxy, 100_000);
  await served.until('failed', 100);
  await served.ask('/again');
  assert.equal(served.count('dropped'), 20);
});

test('a mirror that refuses, one that answers without end, and one that talks nonsense are nothing to the request', async (t) => {
  const refusing = await serve(t, {
    annotations: { 'mirror-target': `http://127.0.0.1:${await refusedPort()}$request_uri` },
  });
  assert.equal((await refusing.ask('/')).status, 200);
  const { mirrored } = refusing.proxy.worker.core.counters;
  while (mirrored.failed < 1) await turn();
  for (const [answer, outcome] of [
    [`HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n${'x'.repeat(200_000)}`, 'answered'],
    [`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n${'x'.repeat(4_096)}\r\n`, 'answered'],
    [`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(100_000)}`, 'failed'],
    ['nonsense\r\n\r\n', 'failed'],
  ] as const) {
    const served = await serveMirrored(t, { answer });
    assert.equal((await served.ask('/')).body, 'ok');
    await served.until(outcome, 1);
  }
});

test('a body that is too large, and one that breaks off, are not copied, and the request goes on', async (t) => {
  const served = await serveMirrored(t, { annotations: { 'proxy-body-size': '0' } });
  assert.match(
    await post(t, served, 'x'.repeat(1_048_577), 'Content-Length: 1048577\r\n'),
    /^HTTP\/1\.1 200 /,
  );
  assert.equal(served.count('dropped'), 1);
  const chunk = `${(600_000).toString(16)}\r\n${'x'.repeat(600_000)}\r\n`;
  assert.match(
    await post(t, served, `${chunk}${chunk}0\r\n\r\n`, 'Transfer-Encoding: chunked\r\n'),
    /^HTTP\/1\.1 200 /,
  );
  assert.equal(served.count('dropped'), 2);
  const client = await RawClient.open(t, served.proxy.port);
  client.send(`POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 10\r\n\r\nhalf`);
  while (served.requests.length < 3) await turn();
  client.socket.destroy();
  await served.until('dropped', 3);
  assert.equal(served.copies.length, 0);
});

test('requests by HTTP/2 are copied too', async (t) => {
  const served = await serveMirrored(t);
  const session = connectHttp2(`http://127.0.0.1:${served.proxy.port}`);
  t.after(() => session.destroy());
  const stream = session.request({ ':method': 'POST', ':authority': host, ':path': '/two?x' });
  stream.end('content');
  await once(stream, 'response');
  const copy = await served.seen((text) => text.endsWith('content'));
  assert.match(copy, /^POST \/two\?x HTTP\/1\.1\r\n[^]*\r\nContent-Length: 7\r\n\r\ncontent$/);
});
