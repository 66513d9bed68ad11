// Canaries through a worker: which side a request takes, that it stays there, and what logs and metrics say of it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { test } from 'node:test';
import { Metadata } from '@grpc/grpc-js';
import { renderExposition } from '../../../src/observe/exposition.ts';
import { refusedPort, startNumbered } from '../balancing/numbered.ts';
import { callUnary, echo, openClient, startEcho } from '../grpc-peers.ts';
import { okResponse, RawClient, startAnswering } from '../harness.ts';
import { switching } from '../http2/websocket-peers.ts';
import { serveSides } from './canaried.ts';
import { host } from './annotated.ts';

const always = 'X-Canary: always\r\n';
const never = 'X-Canary: never\r\n';
const byHeader = { 'canary-by-header': 'X-Canary' };

function times(count: number, name: string): string[] {
  return Array.from({ length: count }, () => name);
}

test('field, then cookie, then weight; the main side else', async (t) => {
  const { sides } = await serveSides(t, { canary: { ...byHeader, 'canary-by-cookie': 'Side' } });
  assert.deepEqual(await sides(1), ['app']);
  assert.deepEqual(await sides(1, always), ['next']);
  assert.deepEqual(await sides(1, never), ['app']);
  assert.deepEqual(await sides(1, 'X-Canary: other\r\nCookie: a=b; side=always\r\n'), ['next']);
  assert.deepEqual(await sides(1, `${never}Cookie: side=always\r\n`), ['app']);
});

test('a changed weight and a canary that goes are live, and no connection ends', async (t) => {
  const served = await serveSides(t, { canary: { 'canary-weight': '0' } });
  const { proxy, sides, change } = served;
  const client = await RawClient.open(t, proxy.port);
  const keep = async (count: number): Promise<string> => {
    client.send(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    return (await client.responses(count)).slice(-4);
  };
  assert.equal((await keep(1)).trim(), 'app');
  change({ 'canary-weight': '100' });
  assert.equal(await keep(2), 'next');
  change({ 'canary-weight': '1000', 'canary-weight-total': '1000' });
  assert.deepEqual(await sides(10), times(10, 'next'));
  change({ canary: 'false' });
  assert.equal((await keep(3)).slice(-3), 'app');
});

test('a weight of 100 of 200 is about half', async (t) => {
  const { sides } = await serveSides(t, { canary: { 'canary-weight': '100', 'canary-weight-total': '200' } });
  const found = await sides(200);
  // Less than a quarter by chance: once in 10^13 runs.
  for (const name of ['app', 'next']) assert.ok(found.filter((each) => each === name).length > 50);
});

test('a side without endpoints: that of the canary gets nothing, without the main one nobody is served', async (t) => {
  const canary = { ...byHeader, 'canary-weight': '100' };
  const lone = await serveSides(t, { canary, ports: { next: [] } });
  assert.deepEqual(await lone.sides(2, always), ['app', 'app']);
  const [line] = await lone.proxy.log();
  assert.equal(line?.['proxy_alternative_upstream_name'], '');
  const empty = await serveSides(t, { canary, ports: { app: [] } });
  assert.match((await empty.ask(always)).head, /^HTTP\/1\.1 503 /);
});

test('a further attempt stays on the side', async (t) => {
  const [first = 0] = await startNumbered(t, 1);
  const dead = await refusedPort();
  const served = await serveSides(t, { canary: byHeader, ports: { next: [dead, first] } });
  assert.deepEqual(await served.sides(4, always), times(4, 'u0'));
  const lost = await serveSides(t, { canary: byHeader, ports: { next: [await refusedPort()] } });
  assert.match((await lost.ask(always)).head, /^HTTP\/1\.1 502 /);
  assert.deepEqual(await lost.sides(1), ['app']);
});

test('the log and the metrics name the canary beside what the route is', async (t) => {
  const { proxy, ask } = await serveSides(t, { canary: byHeader });
  await ask(always);
  await ask();
  const lines = await proxy.log();
  const named = lines.map((line) => [
    line['proxy_upstream_name'],
    line['proxy_alternative_upstream_name'],
    line['ingress_name'],
  ]);
  assert.deepEqual(named, [
    ['shop-app-80', 'shop-next-80', 'web'],
    ['shop-app-80', '', 'web'],
  ]);
  const metrics = renderExposition(proxy.worker.collect());
  for (const canary of ['shop-next-80', ''])
    assert.match(
      metrics,
      new RegExp(
        `^nginx_ingress_controller_requests\\{[^}]*ingress="web"[^}]*canary="${canary}"[^}]*\\} 1$`,
        'm',
      ),
    );
});

test('what the main Ingress does with requests and answers holds for both sides', async (t) => {
  const seen: string[] = [];
  const next = await startAnswering(t, (request) => {
    seen.push(request);
    return okResponse('next');
  });
  const main = {
    'rewrite-target': '/new',
    'upstream-vhost': 'inner.test',
    'limit-rpm': '1',
    'limit-burst-multiplier': '1',
  };
  const { ask } = await serveSides(t, {
    main,
    canary: { ...byHeader, 'limit-rpm': '100' },
    ports: { next: [next] },
  });
  assert.equal((await ask(always)).body, 'next');
  assert.match(seen[0] ?? '', /^GET \/new HTTP\/1\.1\r\nHost: inner\.test\r\n/);
  assert.match((await ask(always)).head, /^HTTP\/1\.1 200 /);
  assert.match((await ask(always)).head, /^HTTP\/1\.1 503 /);
});

const sessions = { affinity: 'cookie', 'session-cookie-name': 'SID' };

test('sticky: a client stays on the side that its session is on, whatever it says later', async (t) => {
  const canary = { ...byHeader, 'canary-weight': '50' };
  const { ask, sides } = await serveSides(t, { main: sessions, canary });
  for (const [fields, name, other] of [
    [always, 'next', never],
    [never, 'app', always],
  ] as const) {
    const { head, body } = await ask(fields);
    assert.equal(body, name);
    const [, cookie = ''] = /\r\nSet-Cookie: (SID=[^;]+)/.exec(head) ?? [];
    assert.notEqual(cookie, '', head);
    assert.deepEqual(await sides(25, `Cookie: ${cookie}\r\n${other}`), times(25, name));
  }
});

test('legacy: the canary has no sessions, and those of the main side stay', async (t) => {
  const canary = { ...byHeader, 'canary-weight': '100', 'affinity-canary-behavior': 'legacy' };
  const { ask, sides } = await serveSides(t, { main: sessions, canary });
  const onCanary = await ask(always);
  assert.equal(onCanary.body, 'next');
  assert.doesNotMatch(onCanary.head, /set-cookie/i);
  const { head } = await ask(never);
  const [, cookie = ''] = /\r\nSet-Cookie: (SID=[^;]+)/.exec(head) ?? [];
  assert.deepEqual(await sides(5, `Cookie: ${cookie}\r\n`), times(5, 'app'));
  assert.deepEqual(await sides(5), times(5, 'next'));
});

test('by HTTP/2, by gRPC and by WebSocket', async (t) => {
  const { proxy } = await serveSides(t, { canary: byHeader });
  const session = connectHttp2(`http://127.0.0.1:${proxy.port}`);
  t.after(() => session.destroy());
  for (const [value, name] of [
    ['always', 'next'],
    ['never', 'app'],
  ] as const) {
    const stream = session.request({ ':authority': host, ':path': '/', 'x-canary': value });
    await once(stream, 'response');
    assert.equal((await stream.setEncoding('latin1').toArray()).join(''), name);
  }

  const tunnel = await serveSides(t, {
    canary: byHeader,
    ports: { next: [await startAnswering(t, (request) => switching(request, 'X-Side: next\r\n'))] },
  });
  const client = await RawClient.open(t, tunnel.proxy.port);
  client.send(
    `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${always}\r\n`,
  );
  assert.match(await client.until((text) => text.includes('\r\n\r\n')), /^HTTP\/1\.1 101 [^]*X-Side: next/);

  const { port } = await startEcho(t);
  const grpc = await serveSides(t, {
    main: { 'backend-protocol': 'GRPC' },
    canary: byHeader,
    ports: { app: [await refusedPort()], next: [port] },
  });
  const metadata = new Metadata();
  metadata.set('x-canary', 'always');
  const { answer } = await callUnary(
    openClient(t, grpc.proxy.port),
    echo.unary,
    Buffer.from('hello'),
    metadata,
  );
  assert.equal(answer.toString(), 'hello');
});
