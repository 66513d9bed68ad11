// Limits of clients over real worker processes: what they let in together is what one bucket lets in, and a dead worker holds nothing.
// Rates are by the minute, so that a slow machine fills no bucket; where it does, the test counts that.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import type { ClientLimits } from '../../src/features/index.ts';
import { defaultTrafficSettings, type TablePatch } from '../../src/model/index.ts';
import { RawClient } from '../behaviour/harness.ts';
import { makePatch } from '../behaviour/table.ts';
import { startOrigin, startWorkers, type StartedWorkers, workerOf } from './worker-load.ts';

const timeout = 60_000;
const get = 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n';
const none: ClientLimits = { perSecond: 0, perMinute: 0, atOnce: 0, burstMultiplier: 5, exempt: [] };

/** Bounded by the time of the test alone. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

function limitedTable(origin: number, part: Partial<ClientLimits>): TablePatch {
  const policies = { limits: { ...none, ...part } };
  return {
    ...makePatch({ hosts: { 'a.test': [{ upstream: 'web', policies }] }, upstreams: { web: [origin] } }),
    traffic: { ...defaultTrafficSettings, limitStatuses: { requests: 429, connections: 430 } },
  };
}

/** Connections to each worker, in turns, so that no worker sees all of a client. */
async function openSpread(t: TestContext, started: StartedWorkers, perWorker: number): Promise<RawClient[]> {
  const byWorker = new Map<number, RawClient[]>(started.supervisor.workerPids().map((pid) => [pid, []]));
  while ([...byWorker.values()].some((clients) => clients.length < perWorker)) {
    const client = await RawClient.open(t, started.httpPort);
    // A connection that was not accepted yet belongs to nobody.
    let pid = 0;
    await until(() => {
      pid = workerOf(client.socket, started.supervisor.workerPids());
      return pid !== 0;
    });
    const clients = byWorker.get(pid) ?? [];
    if (clients.length < perWorker) clients.push(client);
    else client.socket.destroy();
  }
  return Array.from({ length: perWorker }, (_, index) =>
    [...byWorker.values()].flatMap((clients) => clients.slice(index, index + 1)),
  ).flat();
}

function statusOf({ received }: RawClient): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(received)?.[1] ?? 0);
}

/** How many of each status, once all are answered. */
async function askAll(clients: readonly RawClient[]): Promise<Map<number, number>> {
  for (const client of clients) client.send(get);
  await until(() => clients.every((client) => statusOf(client) !== 0));
  return countBy(clients.map(statusOf));
}

function countBy(statuses: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
}

test('a rate lets in the burst and one, over all workers together', { timeout }, async (t) => {
  const origin = await startOrigin(t, (_request, response) => response.end('ok'));
  const started = await startWorkers(t, { workers: 3 });
  started.supervisor.publish(limitedTable(origin, { perMinute: 1, burstMultiplier: 9 }));
  await started.supervisor.whenReady();
  const clients = await openSpread(t, started, 12);
  const startedMs = performance.now();
  const counts = await askAll(clients);
  const dripped = Math.floor((performance.now() - startedMs) / 60_000);
  const admitted = counts.get(200) ?? 0;
  assert.ok(admitted >= 10 && admitted <= 10 + dripped, `${admitted} were let in`);
  assert.equal(counts.get(429), 36 - admitted);
});

test('who is exempt is let in by all workers', { timeout }, async (t) => {
  const origin = await startOrigin(t, (_request, response) => response.end('ok'));
  const started = await startWorkers(t, { workers: 2 });
  started.supervisor.publish(limitedTable(origin, { perMinute: 1, atOnce: 1, exempt: ['127.0.0.0/8'] }));
  await started.supervisor.whenReady();
  assert.deepEqual(await askAll(await openSpread(t, started, 8)), new Map([[200, 16]]));
});

test('requests under way are counted over all workers, and given back when they end or their worker dies', {
  timeout,
}, async (t) => {
  const waiting: ServerResponse[] = [];
  const origin = await startOrigin(t, (_request, response) => void waiting.push(response));
  const started = await startWorkers(t, { workers: 2 });
  const { supervisor } = started;
  supervisor.publish(limitedTable(origin, { perMinute: 1_000, atOnce: 7 }));
  await supervisor.whenReady();
  const clients = await openSpread(t, started, 10);
  for (const client of clients) client.send(get);
  const refused = (): number => clients.filter((client) => statusOf(client) === 430).length;
  await until(() => refused() === 13 && waiting.length === 7);
  const [victim = 0] = supervisor.workerPids();
  const held = clients.filter((client) => statusOf(client) === 0);
  const lost = held.filter((client) => workerOf(client.socket, [victim]) === victim);
  process.kill(victim, 'SIGKILL');
  await Promise.all(lost.map((client) => client.untilClosed()));
  await until(() => !supervisor.workerPids().includes(victim));
  await supervisor.whenReady();
  // The seven of before, of which those of the dead worker have gone; as many come in again, and no more.
  waiting.splice(0);
  const others = await openSpread(t, started, 8);
  for (const client of others) client.send(get);
  const refusedNow = (): number => others.filter((client) => statusOf(client) === 430).length;
  await until(() => refusedNow() === 16 - lost.length && waiting.length === lost.length);
  for (const response of waiting) response.end('ok');
  const served = others.filter((client) => statusOf(client) !== 430);
  await until(() => served.every((client) => statusOf(client) === 200));
});

test('the body of a request waits with it', { timeout }, async (t) => {
  const origin = await startOrigin(t, (request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => (bytes += chunk.length));
    request.on('end', () => response.end(`got ${bytes}`));
  });
  const started = await startWorkers(t, { workers: 2 });
  started.supervisor.publish(limitedTable(origin, { atOnce: 1 }));
  await started.supervisor.whenReady();
  const client = await RawClient.open(t, started.httpPort);
  const body = 'x'.repeat(300_000);
  client.send(`POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await client.until((text) => text.endsWith('got 300000'));
  client.send(get.repeat(3));
  await client.until((text) => text.split('got 0').length === 4);
});
