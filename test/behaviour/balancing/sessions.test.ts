// Sessions by cookie, as a client sees them: it comes back to its endpoint, whatever happens to the others.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { test, type TestContext } from 'node:test';
import type { TablePatch } from '../../../src/model/index.ts';
import { hashText } from '../../../src/std/murmur-hash.ts';
import {
  okResponse,
  RawClient,
  startAnswering,
  startProxy,
  startUpstream,
  type TestProxy,
} from '../harness.ts';
import { makePatch, makeUpstream } from '../table.ts';
import { ask, converse, get, refusedPort, repeat, startNumbered, tableOf } from './numbered.ts';

const affinity = {
  mode: 'persistent',
  name: 'SID',
  path: '/',
  domain: '',
  expiresSeconds: -1,
  maxAgeSeconds: -1,
  sameSite: '',
  omitsNoneForOldBrowsers: false,
  alwaysSecure: false,
  changesOnFailure: false,
} as const;
const modes = ['persistent', 'balanced'] as const;

function upstreamPatch(version: number, ports: readonly number[], part: object = {}): TablePatch {
  return {
    ...makePatch({ hosts: {} }, version),
    upstreams: { set: [{ ...makeUpstream('web', ports), ...part }], removed: [] },
  };
}

/** A new session: who answered, and the line that brings back to it. */
async function startSession(t: TestContext, proxy: TestProxy): Promise<{ name: string; cookie: string }> {
  const received = await converse(t, proxy, [get('/')]);
  const [, cookie = ''] =
    /\r\nSet-Cookie: (SID=[0-9a-f]{32}\|[0-9a-f]{8}); Path=\/; HttpOnly\r\n/.exec(received) ?? [];
  assert.notEqual(cookie, '', received);
  return { name: /\r\n\r\n(u\d)/.exec(received)?.[1] ?? '', cookie: `Cookie: x=1; ${cookie}\r\n` };
}

for (const mode of modes) {
  test(`${mode}: a client with a cookie stays and gets no other; one without is spread`, async (t) => {
    const proxy = await startProxy(
      t,
      tableOf(await startNumbered(t, 3), { affinity: { ...affinity, mode } }),
    );
    const sessions = [];
    for (let count = 0; count < 12; count += 1) sessions.push(await startSession(t, proxy));
    assert.equal(new Set(sessions.map(({ cookie }) => cookie)).size, mode === 'balanced' ? 12 : 3);
    assert.ok(new Set(sessions.map(({ name }) => name)).size > 1);
    for (const { name, cookie } of sessions) {
      const received = await converse(t, proxy, repeat(3, get('/', cookie)));
      assert.deepEqual(received.match(/u\d/g), [name, name, name]);
      assert.doesNotMatch(received, /set-cookie/i);
    }
  });

  test(`${mode}: a cookie of another backend, or a forged one, is no session`, async (t) => {
    const proxy = await startProxy(
      t,
      tableOf(await startNumbered(t, 3), { affinity: { ...affinity, mode } }),
    );
    const { cookie } = await startSession(t, proxy);
    const strangers = [cookie.replace(/\|\w/, '|g'), cookie.replace('|', ''), 'Cookie: SID=\r\n'];
    const received = await converse(
      t,
      proxy,
      strangers.map((fields) => get('/', fields)),
    );
    assert.equal(received.match(/Set-Cookie: /g)?.length, 3);
  });

  test(`${mode}: the session of an endpoint that is gone moves to another one, and stays there`, async (t) => {
    const ports = await startNumbered(t, 3);
    const proxy = await startProxy(t, tableOf(ports, { affinity: { ...affinity, mode } }));
    const { name, cookie } = await startSession(t, proxy);
    proxy.worker.apply(
      upstreamPatch(
        2,
        ports.filter((_, at) => `u${at}` !== name),
      ),
    );
    const after = await ask(t, proxy, repeat(3, get('/', cookie)));
    assert.ok(!after.includes(name));
    if (mode === 'balanced') assert.equal(new Set(after).size, 1);
  });
}

test('persistent: newcomers take no session', async (t) => {
  const ports = await startNumbered(t, 9);
  const proxy = await startProxy(t, tableOf(ports.slice(0, 2), { affinity }));
  const sessions = [await startSession(t, proxy), await startSession(t, proxy)];
  for (let count = 3; count <= ports.length; count += 1) {
    proxy.worker.apply(upstreamPatch(count, ports.slice(0, count).toReversed()));
    for (const { name, cookie } of sessions)
      assert.deepEqual(await ask(t, proxy, [get('/', cookie)]), [name]);
  }
});

test('persistent: an endpoint that terminates loses its sessions while others are ready', async (t) => {
  const ports = await startNumbered(t, 2);
  const proxy = await startProxy(t, tableOf(ports, { affinity }));
  const { name, cookie } = await startSession(t, proxy);
  const endpoints = ports.map((port, at) => ({ address: '127.0.0.1', port, ready: `u${at}` !== name }));
  proxy.worker.apply(upstreamPatch(2, [], { target: { kind: 'endpoints', endpoints } }));
  const received = await converse(t, proxy, [get('/', cookie)]);
  assert.doesNotMatch(received, new RegExp(name));
  assert.match(received, /Set-Cookie: /);
});

test('the seal is not in the cookie, and another seal ends persistent sessions', async (t) => {
  const ports = await startNumbered(t, 3);
  const proxy = await startProxy(t, tableOf(ports, { affinity }));
  proxy.worker.apply(upstreamPatch(2, ports, { seal: 'uid-of-the-service' }));
  const { cookie } = await startSession(t, proxy);
  assert.doesNotMatch(cookie, /uid|127/);
  proxy.worker.apply(upstreamPatch(3, ports, { seal: 'another' }));
  assert.match(await converse(t, proxy, [get('/', cookie)]), /Set-Cookie: /);
});

/** An endpoint that refuses, and the cookie of a session there, made while it answered. */
async function sessionOfDead(t: TestContext, mode: string, changesOnFailure: boolean) {
  const [live = 0] = await startNumbered(t, 1);
  const dead = await refusedPort();
  const policies = { affinity: { ...affinity, mode, changesOnFailure } };
  const proxy = await startProxy(t, tableOf([dead, live], policies));
  const set = proxy.worker.core.pool.lookupSet('test/web:80');
  const deadEndpoint = set?.eligible.find(({ port }) => port === dead);
  assert.ok(set && deadEndpoint);
  const { mark } = set.ensureTokens();
  let key = set.ensureTokens().tokenOf(deadEndpoint) ?? '';
  if (mode === 'balanced') {
    for (let draw = 0; set.ring.find(hashText(key), () => true) !== deadEndpoint; draw += 1)
      key = draw.toString(16).padStart(32, '0');
  }
  return { proxy, cookie: `Cookie: SID=${key}|${mark}\r\n` };
}

for (const mode of modes) {
  test(`${mode}: while its endpoint fails a client is served by another one and keeps its session`, async (t) => {
    const { proxy, cookie } = await sessionOfDead(t, mode, false);
    const received = await converse(t, proxy, repeat(2, get('/', cookie)));
    assert.deepEqual(received.match(/u\d/g), ['u0', 'u0']);
    assert.doesNotMatch(received, /Set-Cookie/);
  });

  test(`${mode}: with change-on-failure the client gets the session of the endpoint that answered`, async (t) => {
    const { proxy, cookie } = await sessionOfDead(t, mode, true);
    const received = await converse(t, proxy, [get('/', cookie)]);
    const [, fresh = ''] = /Set-Cookie: (SID=[^;]+)/.exec(received) ?? [];
    assert.notEqual(fresh, '');
    const again = await converse(t, proxy, [get('/', `Cookie: ${fresh}\r\n`)]);
    assert.doesNotMatch(again, /Set-Cookie/);
    const lines = await proxy.log();
    assert.doesNotMatch(String(lines.at(-1)?.['upstream_addr']), /,/);
  });
}

test('the cookie goes with a tunnel, and beside the fields of the upstream', async (t) => {
  const own = await startAnswering(t, () => okResponse('u0', 'Set-Cookie: a=b\r\n'));
  const switching = await startUpstream(t, (upstream) => {
    upstream
      .until((text) => text.includes('\r\n\r\n'))
      .then(() =>
        upstream.send(
          'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
        ),
      )
      .catch(() => {});
  });
  const proxy = await startProxy(t, {
    hosts: {
      'a.test': [
        { path: '/ws', upstream: 'ws', policies: { affinity } },
        { upstream: 'web', policies: { affinity } },
      ],
    },
    upstreams: { web: [own], ws: [switching] },
  });
  assert.match(await converse(t, proxy, [get('/')]), /Set-Cookie: a=b\r\n[^]*Set-Cookie: SID=/);
  const client = await RawClient.open(t, proxy.port);
  const upgrade =
    'Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n';
  client.send(get('/ws', upgrade));
  assert.match(await client.until((text) => text.includes('\r\n\r\n')), / 101 [^]*Set-Cookie: SID=/);
});

test('a route without the annotation to the same Service sends no cookie and heeds none', async (t) => {
  const ports = await startNumbered(t, 3);
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ path: '/s', upstream: 'web', policies: { affinity } }, { upstream: 'web' }] },
    upstreams: { web: ports },
  });
  const received = await converse(t, proxy, [get('/s')]);
  const [, cookie = ''] = /Set-Cookie: ([^;]+)/.exec(received) ?? [];
  const plain = await converse(t, proxy, repeat(3, get('/', `Cookie: ${cookie}\r\n`)));
  assert.doesNotMatch(plain, /Set-Cookie/);
  assert.equal(new Set(plain.match(/u\d/g)).size, 3);
});

test('over HTTP/2: the cookie comes, and brings back', async (t) => {
  const proxy = await startProxy(t, tableOf(await startNumbered(t, 3), { affinity }));
  const client = connectHttp2(`http://127.0.0.1:${proxy.port}`);
  t.after(() => client.destroy());
  const request = async (fields: Readonly<Record<string, string>>) => {
    const stream = client.request({ ':authority': 'a.test', ':path': '/', ...fields });
    const [head] = (await once(stream, 'response')) as [IncomingHttpHeaders];
    const body = await stream.setEncoding('latin1').toArray();
    return { name: body.join(''), cookies: head['set-cookie'] ?? [] };
  };
  const first = await request({});
  assert.equal(first.cookies.length, 1);
  const cookie = first.cookies[0]?.split(';')[0] ?? '';
  for (let count = 0; count < 3; count += 1)
    assert.deepEqual(await request({ cookie: `x=1; ${cookie}` }), { name: first.name, cookies: [] });
});
