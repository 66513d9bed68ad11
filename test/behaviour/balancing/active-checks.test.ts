// Active checks and slow start on live endpoints. Time is moved by sweeping the deadlines; the first question comes within an interval.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultUpstreamSettings } from '../../../src/model/index.ts';
import { startAnswering, startProxy, startUpstream } from '../harness.ts';
import { makePatch, makeUpstream } from '../table.ts';
import { passUntil, startChecked } from './checked.ts';
import { refusedPort, startNumbered } from './numbered.ts';

test('http: an endpoint that answers badly is left alone until it answers well again', async (t) => {
  let status = 200;
  const asked: string[] = [];
  const moody = await startAnswering(t, (request) => {
    asked.push(request);
    return `HTTP/1.1 ${status} X\r\nContent-Length: 0\r\n\r\n`;
  });
  const [good = 0] = await startNumbered(t, 1);
  const { proxy, eligible } = await startChecked(t, [moody, good], {
    kind: 'http',
    path: '/up?x=1',
    host: 'shop.test',
  });
  await passUntil(proxy, () => asked.length > 2);
  assert.deepEqual(eligible(), [moody, good]);
  status = 500;
  await passUntil(proxy, () => eligible().length === 1);
  assert.deepEqual(eligible(), [good]);
  status = 302;
  await passUntil(proxy, () => eligible().length === 2);
  assert.match(
    asked[0] ?? '',
    /^GET \/up\?x=1 HTTP\/1\.1\r\nHost: shop\.test\r\n[^]*Connection: close\r\n\r\n$/,
  );
});

test('an endpoint that refuses, or says something else than HTTP, is left alone', async (t) => {
  const [good = 0] = await startNumbered(t, 1);
  const refusing = await refusedPort();
  const babbling = await startUpstream(t, (client) => client.send('x'.repeat(10_000)));
  const { proxy, eligible } = await startChecked(t, [refusing, good, babbling], { kind: 'http' });
  await passUntil(proxy, () => eligible().length === 1);
  assert.deepEqual(eligible(), [good]);
});

test('an endpoint that says nothing is left alone', async (t) => {
  const silent = await startUpstream(t, () => {});
  const { proxy } = await startChecked(t, [silent], { kind: 'http', timeoutMs: 2_000 });
  const [endpoint] = proxy.worker.core.pool.lookupSet('test/web:80')?.eligible ?? [];
  await passUntil(proxy, () => endpoint?.isDown === true);
});

test('tcp: it is enough to take the connection', async (t) => {
  let connections = 0;
  const silent = await startUpstream(t, () => {
    connections += 1;
  });
  const refusing = await refusedPort();
  const { proxy, eligible } = await startChecked(t, [silent, refusing], { kind: 'tcp' });
  await passUntil(proxy, () => eligible().length === 1);
  assert.deepEqual(eligible(), [silent]);
  assert.ok(connections > 0);
});

test('when all fail, all are used; another question begins anew; without one nobody is asked', async (t) => {
  const ports = [await refusedPort(), await refusedPort()];
  const { proxy, eligible, apply } = await startChecked(t, ports, { kind: 'tcp' });
  const set = proxy.worker.core.pool.lookupSet('test/web:80');
  await passUntil(proxy, () => set?.eligible.every(({ isDown }) => isDown) === true);
  assert.deepEqual(eligible(), ports);
  apply({ kind: 'tcp', failures: 5 });
  assert.ok(set?.eligible.every(({ isDown }) => !isDown));
  const { deadlines } = proxy.worker.core;
  const probing = deadlines.size;
  apply({ kind: 'off' });
  assert.equal(deadlines.size, probing - 2);
});

test('slow start: one that joins gets little at first and its part later; the first ones begin with all', async (t) => {
  const ports = await startNumbered(t, 2);
  const proxy = await startProxy(t, { hosts: {} });
  const settings = { ...defaultUpstreamSettings, slowStartMs: 100_000 };
  const put = (version: number, count: number): void => {
    const upstream = { ...makeUpstream('web', ports.slice(0, count)), settings };
    proxy.worker.apply({ ...makePatch({ hosts: {} }, version), upstreams: { set: [upstream], removed: [] } });
  };
  put(2, 1);
  const set = proxy.worker.core.pool.lookupSet('test/web:80');
  assert.ok(set);
  assert.equal(set.evenFromMs, 0);
  put(3, 2);
  const startMs = set.evenFromMs - 100_000;
  const share = (atMs: number): number => {
    const chosen = Array.from({ length: 110 }, () => set.select(null, atMs)?.port);
    return chosen.filter((port) => port === ports[1]).length;
  };
  assert.equal(share(startMs + 1), 10);
  const half = share(startMs + 50_000);
  assert.ok(half >= 35 && half <= 38, `${half}`);
  assert.equal(share(startMs + 100_000), 55);
});
