// Requests spread over live endpoints: round, hash, load, the Service's client affinity, and what a retry does to them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getRequest, okResponse, RawClient, startAnswering, startProxy, startUpstream } from '../harness.ts';
import { makePatch, makeUpstream } from '../table.ts';
import { ask, get, refusedPort, repeat, startNumbered, tableOf } from './numbered.ts';

const hashBy = (...key: readonly object[]) => ({
  'upstream-hash-by': { key, subsetSize: 1, maxLoadPercent: 0 },
});

test('weights: an endpoint of weight 3 gets three of four requests', async (t) => {
  const [light = 0, heavy = 0] = await startNumbered(t, 2);
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: {
      web: [
        { address: '127.0.0.1', port: light, ready: true },
        { address: '127.0.0.1', port: heavy, ready: true, weight: 3 },
      ],
    },
  });
  const names = await ask(t, proxy, repeat(8, getRequest));
  assert.equal(names.filter((name) => name === 'u1').length, 6);
});

test('weights are mixed smoothly: 5, 1 and 1 are a a b a c a a', async (t) => {
  const ports = await startNumbered(t, 3);
  const web = ports.map((port, at) => ({
    address: '127.0.0.1',
    port,
    ready: true,
    weight: at === 0 ? 5 : 1,
  }));
  const proxy = await startProxy(t, { hosts: { 'a.test': [{ upstream: 'web' }] }, upstreams: { web } });
  const names = await ask(t, proxy, repeat(14, getRequest));
  const round = ['u0', 'u0', 'u1', 'u0', 'u2', 'u0', 'u0'];
  assert.deepEqual(names, [...round, ...round]);
});

test('a hash by header: the same value goes to the same endpoint, none is spread', async (t) => {
  const proxy = await startProxy(
    t,
    tableOf(await startNumbered(t, 4), hashBy({ kind: 'header', name: 'x-tenant' })),
  );
  const values = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const requests = values.map((value) => get('/', `X-Tenant: ${value}\r\n`));
  const first = await ask(t, proxy, requests);
  assert.ok(new Set(first).size > 1);
  assert.deepEqual(await ask(t, proxy, requests.toReversed()), first.toReversed());
  assert.equal(new Set(await ask(t, proxy, repeat(4, getRequest))).size, 4);
});

test('a hash by what a forwarder says, which reaches endpoints in the words of the proxy', async (t) => {
  const ports = await startNumbered(t, 4);
  for (const name of ['x-forwarded-for', 'x-real-ip', 'x-request-id']) {
    const proxy = await startProxy(t, tableOf(ports, hashBy({ kind: 'header', name })));
    const same = repeat(6, get('/', `${name}: 192.0.2.1\r\n`));
    assert.equal(new Set(await ask(t, proxy, same)).size, 1, name);
  }
});

test('a hash by URI and by argument', async (t) => {
  const ports = await startNumbered(t, 4);
  const byUri = await startProxy(t, tableOf(ports, hashBy({ kind: 'request-uri' })));
  const sameUri = await ask(t, byUri, repeat(5, get('/x?y=1')));
  assert.equal(new Set(sameUri).size, 1);
  const uris = Array.from({ length: 30 }, (_, at) => get(`/x?y=${at}`));
  assert.equal(new Set(await ask(t, byUri, uris)).size, 4);
  const byArgument = await startProxy(t, tableOf(ports, hashBy({ kind: 'argument', name: 'id' })));
  const sameId = Array.from({ length: 10 }, (_, at) => get(`/${at}?n=${at}&id=7`));
  assert.equal(new Set(await ask(t, byArgument, sameId)).size, 1);
});

test('a hash by cookie and by the address of the client', async (t) => {
  const ports = await startNumbered(t, 4);
  const byCookie = await startProxy(t, tableOf(ports, hashBy({ kind: 'cookie', name: 'cart' })));
  const withCookie = (value: number) => get('/', `Cookie: a=1; cart=${value}; b=2\r\n`);
  const first = await ask(
    t,
    byCookie,
    Array.from({ length: 30 }, (_, at) => withCookie(at)),
  );
  assert.equal(new Set(first).size, 4);
  assert.deepEqual(await ask(t, byCookie, repeat(5, withCookie(7))), repeat(5, first[7] ?? ''));
  assert.equal(
    new Set(await ask(t, byCookie, repeat(4, getRequest))).size,
    4,
    'without the cookie it is spread',
  );

  const byAddress = await startProxy(t, tableOf(ports, hashBy({ kind: 'client-address' })), {
    forwarded: { trust: true, trustedCidrs: ['127.0.0.0/8'] },
  });
  const from = (host: number) => get(`/${host}`, `X-Forwarded-For: 192.0.2.${host}\r\n`);
  const clients = await ask(
    t,
    byAddress,
    Array.from({ length: 30 }, (_, at) => from(at + 1)),
  );
  assert.equal(new Set(clients).size, 4);
  assert.deepEqual(await ask(t, byAddress, repeat(5, from(9))), repeat(5, clients[8] ?? ''));
});

test('a hash with a bound: one popular key overflows to the next endpoints, no further than it must', async (t) => {
  const holding: RawClient[] = [];
  let wake = (): void => {};
  const ports = await Promise.all(
    Array.from({ length: 4 }, () =>
      startUpstream(t, (upstream) => {
        upstream
          .until((text) => text.includes('\r\n\r\n'))
          .then(
            () => {
              holding.push(upstream);
              wake();
            },
            () => {},
          );
      }),
    ),
  );
  const hash = { key: [{ kind: 'request-uri' }], subsetSize: 1, maxLoadPercent: 125 };
  const proxy = await startProxy(t, tableOf(ports, { 'upstream-hash-by': hash }));
  for (let count = 1; count <= 16; count += 1) {
    const client = await RawClient.open(t, proxy.port);
    client.send(get('/popular'));
    while (holding.length < count)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  }
  const set = proxy.worker.core.pool.lookupSet('test/web:80');
  const active = set?.eligible.map((each) => each.active).sort((a, b) => b - a) ?? [];
  // A fair part of 16 is 4, and 125 % of it 5.
  assert.deepEqual(active, [5, 5, 5, 1]);
});

test('a hash whose endpoint refuses: the next of the ring answers, always the same', async (t) => {
  const ports = await startNumbered(t, 3);
  const dead = await Promise.all([refusedPort(), refusedPort(), refusedPort()]);
  const proxy = await startProxy(t, tableOf([...dead, ...ports], hashBy({ kind: 'path' })), { maxTries: 6 });
  const paths = ['/a', '/b', '/c', '/d', '/e', '/f'].map((path) => get(path));
  const names = await ask(t, proxy, paths);
  assert.equal(names.length, 6);
  assert.deepEqual(await ask(t, proxy, paths), names);
});

test('least request: an endpoint with requests under way is left alone', async (t) => {
  let reach = (): void => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const slow = await startUpstream(t, () => reach());
  const fast = await startAnswering(t, () => okResponse('u1'));
  const proxy = await startProxy(t, tableOf([slow, fast], { 'load-balance': 'least-request' }));
  // Clients come until one hangs at the slow one, which from then on has more under way than the other.
  for (let isStuck = false; !isStuck; ) {
    const client = await RawClient.open(t, proxy.port);
    client.send(getRequest);
    isStuck = await Promise.race([client.responses(1).then(() => false), reached.then(() => true)]);
  }
  assert.deepEqual(
    await ask(t, proxy, repeat(20, getRequest)),
    Array.from({ length: 20 }, () => 'u1'),
  );
});

test('EWMA: every endpoint answers, and what was under way is counted down', async (t) => {
  const proxy = await startProxy(t, tableOf(await startNumbered(t, 3), { 'load-balance': 'ewma' }));
  const names = await ask(t, proxy, repeat(60, getRequest));
  assert.equal(new Set(names).size, 3);
  const set = proxy.worker.core.pool.lookupSet('test/web:80');
  assert.equal(set?.active, 0);
  assert.deepEqual(
    set.eligible.map(({ active }) => active),
    [0, 0, 0],
  );
});

test('sessionAffinity of the Service: a client stays, whatever the route spreads by; a hash goes before it', async (t) => {
  const ports = await startNumbered(t, 4);
  const upstream = { ...makeUpstream('web', ports), hashesClients: true };
  const patch = makePatch({
    hosts: {
      'a.test': [
        { upstream: 'web', path: '/hash', policies: hashBy({ kind: 'request-uri' }) },
        { upstream: 'web', path: '/ewma', policies: { 'load-balance': 'ewma' } },
        { upstream: 'web' },
      ],
    },
  });
  const proxy = await startProxy(t, { hosts: {} });
  proxy.worker.apply({ ...patch, version: 2, upstreams: { set: [upstream], removed: [] } });
  const plain = Array.from({ length: 6 }, (_, at) => get(at % 2 === 0 ? '/' : '/ewma'));
  assert.equal(new Set(await ask(t, proxy, plain)).size, 1);
  const hashed = Array.from({ length: 30 }, (_, at) => get(`/hash/${at}`));
  assert.equal(new Set(await ask(t, proxy, hashed)).size, 4);
  proxy.worker.apply({
    version: 3,
    hosts: { set: [], removed: [] },
    upstreams: { set: [makeUpstream('web', ports)], removed: [] },
    certificates: { set: [], removed: [] },
  });
  assert.equal(new Set(await ask(t, proxy, repeat(4, getRequest))).size, 4);
});

test('what ends badly is counted down, too: a client that leaves, an endpoint that breaks off, a tunnel', async (t) => {
  const hang = Promise.withResolvers<RawClient>();
  const cutResponse = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab';
  const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n';
  const closed: Promise<string>[] = [];
  const port = await startUpstream(t, (upstream) => {
    closed.push(upstream.untilClosed());
    upstream
      .until((text) => text.includes('\r\n\r\n'))
      .then((text) => {
        if (text.startsWith('GET /hang')) hang.resolve(upstream);
        else if (text.startsWith('GET /cut')) upstream.socket.end(cutResponse);
        else upstream.send(switching);
      })
      .catch(() => {});
  });
  const proxy = await startProxy(t, tableOf([port], {}));
  const set = proxy.worker.core.pool.lookupSet('test/web:80');
  assert.ok(set);
  const leaver = await RawClient.open(t, proxy.port);
  leaver.send(get('/hang'));
  await hang.promise;
  assert.equal(set.active, 1);
  leaver.socket.destroy();
  await closed[0];
  assert.equal(set.active, 0);
  const cut = await RawClient.open(t, proxy.port);
  cut.send(get('/cut'));
  await cut.untilClosed();
  assert.equal(set.active, 0);
  const tunnel = await RawClient.open(t, proxy.port);
  const upgrade =
    'Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n';
  tunnel.send(get('/ws', upgrade));
  await tunnel.until((text) => text.includes('101'));
  assert.equal(set.active, 1);
  tunnel.socket.resetAndDestroy();
  await closed[2];
  assert.equal(set.active, 0);
});
