// Limits of clients through a worker: bursts, requests under way, what counts together and what is exempt. Rates are by the minute, so
// that a slow machine fills no bucket.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultTrafficSettings } from '../../../src/model/index.ts';
import { getRequest, okResponse, RawClient } from '../harness.ts';
import { makePatch } from '../table.ts';
import { serve, type Served, trusting } from './annotated.ts';

async function statuses(served: Served, count: number, target = '/', fields = ''): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < count; i += 1) found.push((await served.ask(target, fields)).status);
  return found;
}

test('one and five times the limit pass at once, then 503', async (t) => {
  const served = await serve(t, { annotations: { 'limit-rpm': '1' } });
  assert.deepEqual(await statuses(served, 8), [200, 200, 200, 200, 200, 200, 503, 503]);
  assert.equal(served.requests.length, 6);
  const reasons = (await served.proxy.log()).map((entry) => entry['reason']);
  assert.equal(reasons.filter((reason) => reason === 'limit-requests').length, 2);
});

test('the paths of an Ingress count together, addresses count apart', async (t) => {
  const annotations = { 'limit-rpm': '1', 'limit-burst-multiplier': '1' };
  const served = await serve(t, { annotations, paths: ['/a', '/b'] }, trusting);
  const from = (address: string): string => `X-Forwarded-For: ${address}\r\n`;
  assert.deepEqual(await statuses(served, 1, '/a', from('10.0.0.1')), [200]);
  assert.deepEqual(await statuses(served, 2, '/b', from('10.0.0.1')), [200, 503]);
  assert.deepEqual(await statuses(served, 3, '/a', from('10.0.0.2')), [200, 200, 503]);
});

test('requests that are refused by address count, too', async (t) => {
  const served = await serve(t, {
    annotations: { 'limit-rpm': '1', 'limit-burst-multiplier': '1', 'denylist-source-range': '127.0.0.1' },
  });
  assert.deepEqual(await statuses(served, 4), [403, 403, 503, 503]);
});

test('who is exempt is not limited, by the newer name first', async (t) => {
  for (const name of ['limit-allowlist', 'limit-whitelist']) {
    const served = await serve(t, { annotations: { 'limit-rpm': '1', [name]: '127.0.0.0/8' } });
    assert.deepEqual(new Set(await statuses(served, 9)), new Set([200]));
  }
});

test('of twenty requests at once eight are served and twelve are not, and places become free', async (t) => {
  // An upstream that answers no request before the test says so.
  const waiting: (() => void)[] = [];
  const served = await serve(t, {
    annotations: { 'limit-connections': '8' },
    hold: (go) => waiting.push(go),
  });
  const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.open(t, served.proxy.port)));
  for (const client of clients) client.send(getRequest);
  const refused = (): number => clients.filter(({ received }) => received.startsWith('HTTP/1.1 503')).length;
  while (refused() < 12 || waiting.length < 8) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(refused(), 12);
  assert.equal(waiting.length, 8);
  for (const go of waiting.splice(0)) go();
  const isServed = ({ received }: RawClient): boolean => received.startsWith('HTTP/1.1 200');
  while (clients.filter(isServed).length < 8) await new Promise((resolve) => setImmediate(resolve));
  const again = served.ask('/');
  while (waiting.length < 1) await new Promise((resolve) => setImmediate(resolve));
  waiting.splice(0)[0]?.();
  assert.equal((await again).status, 200);
});

test('a client that goes away gives its place back', async (t) => {
  const waiting: (() => void)[] = [];
  const served = await serve(t, {
    annotations: { 'limit-connections': '1' },
    hold: (go) => waiting.push(go),
  });
  const client = await RawClient.open(t, served.proxy.port);
  client.send(getRequest);
  while (waiting.length < 1) await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await served.ask('/')).status, 503);
  client.socket.destroy();
  while ((await served.proxy.log()).length < 2) await new Promise((resolve) => setImmediate(resolve));
  const again = served.ask('/');
  while (waiting.length < 2) await new Promise((resolve) => setImmediate(resolve));
  waiting[1]?.();
  assert.equal((await again).status, 200);
});

test('a limit that is no number refuses the object; zero is none', async (t) => {
  for (const text of ['ten', '-1', '1.5', '1000001']) {
    const bad = await serve(t, { annotations: { 'limit-rps': text } });
    assert.equal((await bad.ask('/')).status, 503, text);
  }
  const none = await serve(t, { annotations: { 'limit-rpm': '0' }, answer: () => okResponse('ok') });
  assert.deepEqual(new Set(await statuses(none, 9)), new Set([200]));
});

test('what a limit refuses has the status of the settings', async (t) => {
  const served = await serve(t, { annotations: { 'limit-rpm': '1', 'limit-burst-multiplier': '1' } });
  const { table } = served.proxy.worker.core;
  const limitStatuses = { requests: 429, connections: 503 };
  served.proxy.worker.apply({
    ...makePatch({ hosts: {} }, table.table.version + 1),
    traffic: { ...defaultTrafficSettings, limitStatuses },
  });
  assert.deepEqual(await statuses(served, 4), [200, 200, 429, 429]);
});
