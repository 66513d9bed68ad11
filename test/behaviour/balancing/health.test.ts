// Ejection, further attempts and their budget on real sockets. Time is moved by sweeping the deadlines.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultRetryPolicy } from '../../../src/model/index.ts';
import {
  passTime,
  RawClient,
  startAnswering,
  startProxy,
  startUpstream,
  type TestProxy,
} from '../harness.ts';
import { ask, converse, get, refusedPort, repeat, startNumbered, tableOf } from './numbered.ts';

function eligiblePorts(proxy: TestProxy): number[] {
  return proxy.worker.core.pool.lookupSet('test/web:80')?.eligible.map(({ port }) => port) ?? [];
}

const refusing = (status: number): string => `HTTP/1.1 ${status} No\r\nContent-Length: 2\r\n\r\nno`;

test('an endpoint that refuses is left alone, and gets requests again when its time is over', async (t) => {
  const [live = 0] = await startNumbered(t, 1);
  const dead = await refusedPort();
  const proxy = await startProxy(t, tableOf([live, dead]), { health: { maxFailures: 3 } });
  assert.equal((await ask(t, proxy, repeat(10, get('/')))).length, 10);
  assert.deepEqual(eligiblePorts(proxy), [live]);
  const tried = proxy.worker.core.counters.retries;
  assert.equal(tried, 3);
  await ask(t, proxy, repeat(4, get('/')));
  assert.equal(proxy.worker.core.counters.retries, tried);
  passTime(proxy, 11_500);
  assert.equal(eligiblePorts(proxy).length, 2);
  await ask(t, proxy, repeat(2, get('/')));
  assert.deepEqual(eligiblePorts(proxy), [live]);
  assert.deepEqual(proxy.worker.core.pool.health, { ejections: 2, ejected: 1 });
});

test('the health is that of the Service: a failure on one route counts for another; the hash passes over the ejected', async (t) => {
  const [live = 0] = await startNumbered(t, 1);
  const dead = await refusedPort();
  const hash = { key: [{ kind: 'request-uri' }], subsetSize: 1, maxLoadPercent: 0 };
  const proxy = await startProxy(
    t,
    {
      hosts: {
        'a.test': [
          { path: '/h', upstream: 'web', policies: { 'upstream-hash-by': hash } },
          { upstream: 'web' },
        ],
      },
      upstreams: { web: [live, dead] },
    },
    { health: { maxFailures: 2 } },
  );
  await ask(t, proxy, repeat(4, get('/')));
  const before = proxy.worker.core.counters.retries;
  await ask(
    t,
    proxy,
    Array.from({ length: 20 }, (_, at) => get(`/h/${at}`)),
  );
  assert.equal(proxy.worker.core.counters.retries, before);
});

test('when all fail, all are tried on: nobody is ejected beyond the share', async (t) => {
  const dead = [await refusedPort(), await refusedPort(), await refusedPort(), await refusedPort()];
  const proxy = await startProxy(t, tableOf(dead), { health: { maxFailures: 1 } });
  const received = await converse(t, proxy, repeat(6, get('/')));
  assert.equal(received.match(/HTTP\/1\.1 502/g)?.length, 6);
  assert.equal(eligiblePorts(proxy).length, 2);
});

test('panic: when too few are well, all are used', async (t) => {
  const dead = [await refusedPort(), await refusedPort(), await refusedPort(), await refusedPort()];
  const health = { maxFailures: 1, maxEjectedPercent: 100, panicPercent: 50 };
  const proxy = await startProxy(t, tableOf(dead), { health });
  for (let i = 0; i < 8; i += 1) {
    await converse(t, proxy, [get('/')]);
  }
  assert.equal(eligiblePorts(proxy).length, 4);
  assert.equal(proxy.worker.core.pool.health.ejected, 4);
});

test('listed statuses go to the next endpoint, and the last answer is handed out', async (t) => {
  const bad = await startAnswering(t, () => refusing(503));
  const worse = await startAnswering(t, () => refusing(503));
  const [good = 0] = await startNumbered(t, 1);
  const policies = { 'next-upstream': { ...defaultRetryPolicy, statuses: [503] } };
  const proxy = await startProxy(t, {
    hosts: {
      'a.test': [
        { path: '/some', upstream: 'some', policies },
        { path: '/all', upstream: 'all', policies },
      ],
    },
    upstreams: { some: [bad, good], all: [bad, worse] },
  });
  assert.deepEqual(await ask(t, proxy, repeat(4, get('/some'))), ['u0', 'u0', 'u0', 'u0']);
  assert.match(await converse(t, proxy, [get('/all')]), /^HTTP\/1\.1 503 No\r\n[^]*no$/);
  const lines = await proxy.log();
  assert.ok(lines.some((line) => line['upstream_status'] === '503, 200'));
  assert.equal(lines.at(-1)?.['upstream_status'], '503, 503');
  const post = 'POST /some HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n';
  assert.match(await converse(t, proxy, repeat(2, post)), /503 No/);
});

test('a time-out of the response is tried again where the route says so', async (t) => {
  let asked = (): void => {};
  const silentIsAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const silent = await startUpstream(t, (upstream) => {
    upstream.until((text) => text.includes('\r\n\r\n')).then(asked, () => {});
  });
  const [good = 0] = await startNumbered(t, 1);
  const policies = { 'next-upstream': { ...defaultRetryPolicy, responseTimeout: true } };
  const proxy = await startProxy(t, tableOf([silent, good], policies));
  const client = await RawClient.open(t, proxy.port);
  let sent = 0;
  // One request after the other, until one hangs at the silent one.
  for (let isStuck = false; !isStuck; ) {
    sent += 1;
    client.send(get('/'));
    isStuck = await Promise.race([client.responses(sent).then(() => false), silentIsAsked.then(() => true)]);
  }
  passTime(proxy, 61_000);
  await client.responses(sent);
  assert.equal((await proxy.log()).at(-1)?.['upstream_status'], '504, 200');
});

test('the budget: requests that were sent are repeated only so many at a time', async (t) => {
  const hanging: RawClient[] = [];
  const wanted = 6;
  const all = Promise.withResolvers<void>();
  const breaking = await startUpstream(t, (upstream) => {
    upstream
      .until((text) => text.includes('\r\n\r\n'))
      .then(() => {
        hanging.push(upstream);
        if (hanging.length === wanted) all.resolve();
      })
      .catch(() => {});
  });
  // The second endpoint never answers, so that repeated requests stay under way.
  const silent = await startUpstream(t, () => {});
  const table = { hosts: { 'a.test': [{ upstream: 'web' }] }, upstreams: { web: [breaking] } };
  const proxy = await startProxy(t, table, { retries: { budgetPercent: 0, minConcurrent: 2 } });
  const clients: RawClient[] = [];
  for (let count = 0; count < wanted; count += 1) {
    const client = await RawClient.open(t, proxy.port);
    client.send(get('/'));
    clients.push(client);
  }
  await all.promise;
  const endpoints = [breaking, silent].map((port) => ({ address: '127.0.0.1', port, ready: true }));
  proxy.worker.core.pool.lookupSet('test/web:80')?.setEndpoints(endpoints);
  for (const upstream of hanging) upstream.socket.resetAndDestroy();
  const refused = Promise.withResolvers<void>();
  let count502 = 0;
  for (const client of clients) {
    client
      .responses(1)
      .then((text) => {
        assert.match(text, /^HTTP\/1\.1 502 /);
        count502 += 1;
        if (count502 === wanted - 2) refused.resolve();
      })
      .catch(() => {});
  }
  await refused.promise;
  assert.equal(proxy.worker.core.counters.retriesDenied, wanted - 2);
  assert.equal(proxy.worker.core.counters.retries, 2);
  for (const client of clients) client.socket.destroy();
});

test('what could not be sent needs no budget', async (t) => {
  const [live = 0] = await startNumbered(t, 1);
  const proxy = await startProxy(t, tableOf([await refusedPort(), live]), {
    retries: { budgetPercent: 0, minConcurrent: 0 },
    health: { maxFailures: 0 },
  });
  assert.equal((await ask(t, proxy, repeat(6, get('/')))).length, 6);
  assert.ok(proxy.worker.core.counters.retries >= 3);
});

test('near endpoints are preferred as long as half of them are well', async (t) => {
  const [far = 0, nearLive = 0] = await startNumbered(t, 2);
  const dead = [await refusedPort(), await refusedPort()];
  const endpoints = [far, nearLive, ...dead].map((port) => ({
    address: '127.0.0.1',
    port,
    ready: true,
    ...(port !== far && { near: true }),
  }));
  const proxy = await startProxy(
    t,
    { hosts: { 'a.test': [{ upstream: 'web' }] }, upstreams: { web: endpoints } },
    { health: { maxFailures: 1 } },
  );
  assert.deepEqual(eligiblePorts(proxy), [nearLive, ...dead]);
  const names = await ask(t, proxy, repeat(12, get('/')));
  assert.equal(names.length, 12);
  assert.deepEqual(eligiblePorts(proxy), [far, nearLive]);
  assert.ok(names.includes('u0'));
  // Those that were out are back, and near ones are enough again.
  passTime(proxy, 11_500);
  assert.deepEqual(eligiblePorts(proxy), [nearLive, ...dead]);
});
