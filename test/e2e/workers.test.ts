// Real worker processes under a supervisor: readiness, a worker that dies, draining, shared ports and shared ticket keys.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { RawClient } from '../behaviour/harness.ts';
import { makeCertificate } from '../behaviour/self-signed.ts';
import { turnUntil } from '../behaviour/probe.ts';
import { makePatch } from '../behaviour/table.ts';
import { ask, findFreePort, runProcess } from '../cli/up-process.ts';
import { makeSupervisor, startOrigin, startWorkers, SteadyClient, workerOf } from './worker-load.ts';

const timeout = 60_000;
const get = 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n';

function table(port: number): ReturnType<typeof makePatch> {
  return makePatch({ hosts: { 'a.test': [{ upstream: 'web' }] }, upstreams: { web: [port] } });
}

test('workers are ready with their first table, not before, and their metrics are one', {
  timeout,
}, async (t) => {
  const origin = await startOrigin(t, (_request, response) => response.end('ok'));
  const { supervisor, httpPort } = await startWorkers(t);
  assert.equal(supervisor.isReady(), false);
  assert.equal(supervisor.workerPids().length, 2);
  assert.equal((await ask(httpPort, 'a.test')).status, 404);
  supervisor.publish(table(origin));
  await supervisor.whenReady();
  assert.equal(supervisor.isReady(), true);
  const pids = new Set<number>();
  for (let asked = 1; asked <= 24; asked += 1) {
    const client = await RawClient.open(t, httpPort);
    client.send(get);
    await client.until((text) => text.endsWith('ok'));
    pids.add(workerOf(client.socket, supervisor.workerPids()));
  }
  assert.deepEqual(pids, new Set(supervisor.workerPids()), 'both workers took connections');
  const text = await supervisor.collectMetrics();
  const counts = text.match(/^nginx_ingress_controller_requests\{[^}]*host="a\.test"[^}]*\} (\d+)/gm) ?? [];
  assert.deepEqual(
    counts.map((line) => line.split(' ').at(-1)),
    ['24'],
  );
  assert.match(text, /^sallyport_connections_total 25$/m);
});

test('a worker that is killed under load is replaced, and nobody else notices', { timeout }, async (t) => {
  const origin = await startOrigin(t, (_request, response) => response.end('ok'));
  const { supervisor, httpPort } = await startWorkers(t);
  supervisor.publish(table(origin));
  await supervisor.whenReady();
  const clients = Array.from({ length: 24 }, () => new SteadyClient(httpPort));
  await Promise.all(clients.map((client) => client.answers(20)));
  const [victim = 0, survivor = 0] = supervisor.workerPids();
  const served = new Map(
    clients.map((client) => [client, workerOf(client.socket ?? {}, [victim, survivor])]),
  );
  assert.ok([...served.values()].includes(survivor), 'no connection went to the other worker');
  const killedMs = performance.now();
  process.kill(victim, 'SIGKILL');
  await turnUntil(() => !supervisor.workerPids().includes(victim), 'a missing worker');
  await turnUntil(() => supervisor.workerPids().length === 2, 'a new process');
  assert.ok(performance.now() - killedMs < 1_000, 'it took more than a second to start another');
  await supervisor.whenReady();
  t.diagnostic(`ready again after ${Math.round(performance.now() - killedMs)} ms`);
  const others = clients.filter((client) => served.get(client) === survivor);
  await Promise.all(others.map((client) => client.answers(20)));
  await Promise.all(clients.map((client) => client.stop()));
  for (const client of others) {
    assert.deepEqual(client.failures, []);
    assert.equal(client.connections, 1);
  }
  // The others lost one connection each, no more.
  assert.equal((await ask(httpPort, 'a.test')).status, 200);
  assert.match(await supervisor.collectMetrics(), /^sallyport_worker_restarts_total 1$/m);
});

test('a drain finishes what is in flight, says close, refuses newcomers and loses nothing', {
  timeout,
}, async (t) => {
  const slow = Promise.withResolvers<ServerResponse>();
  const origin = await startOrigin(t, (request, response) => {
    if (request.url === '/slow') slow.resolve(response);
    else response.end('ok');
  });
  const { supervisor, httpPort } = await startWorkers(t, { shutdownGraceMs: 30_000 });
  supervisor.publish(table(origin));
  await supervisor.whenReady();
  const clients = Array.from({ length: 12 }, () => new SteadyClient(httpPort));
  const inFlight = await RawClient.open(t, httpPort);
  inFlight.send('GET /slow HTTP/1.1\r\nHost: a.test\r\n\r\n');
  const response = await slow.promise;
  await Promise.all(clients.map((client) => client.answers(5)));
  const drained = supervisor.drain();
  assert.equal(supervisor.isReady(), false);
  await Promise.all(clients.map((client) => client.done));
  for (const client of clients) {
    assert.deepEqual(client.failures, []);
    assert.equal(client.wasToldToClose, true);
    assert.equal(client.connections, 1);
  }
  // A busy worker closes its listeners a moment later.
  while (!(await isRefused(httpPort)));
  response.end('slow');
  assert.match(await inFlight.untilClosed(), /^HTTP\/1\.1 200 OK[^]*Connection: close[^]*slow$/);
  inFlight.socket.end();
  await drained;
  assert.deepEqual(supervisor.workerPids(), []);
});

test('what is not finished within the grace period is cut off', { timeout }, async (t) => {
  const seen = Promise.withResolvers<void>();
  const origin = await startOrigin(t, () => seen.resolve());
  const { supervisor, httpPort } = await startWorkers(t, { shutdownGraceMs: 300 });
  supervisor.publish(table(origin));
  await supervisor.whenReady();
  const client = await RawClient.open(t, httpPort);
  client.send(get);
  await seen.promise;
  await supervisor.drain();
  assert.equal(await client.untilClosed(), '');
  assert.deepEqual(supervisor.workerPids(), []);
});

test('a second supervisor on the same port fails, and the first serves on', { timeout }, async (t) => {
  const { settings, httpPort } = await startWorkers(t);
  const second = makeSupervisor(settings);
  t.after(() => second.kill());
  await assert.rejects(second.start(), { code: 'EADDRINUSE' });
  assert.deepEqual(second.workerPids(), []);
  assert.equal((await ask(httpPort, 'a.test')).status, 404);
});

test('a session resumes on every worker, in TLS 1.2 and 1.3', { timeout }, async (t) => {
  const { supervisor, httpsPort } = await startWorkers(t);
  const certificates = [makeCertificate('test/a', ['a.test'])];
  supervisor.publish(
    makePatch({ hosts: { 'a.test': [{ status: 404 }] }, certificates, tls: { 'a.test': 'test/a' } }),
  );
  await supervisor.whenReady();
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const shake = async (session?: Buffer): Promise<TLSSocket> => {
      const socket = connectTls({
        port: httpsPort,
        host: '127.0.0.1',
        servername: 'a.test',
        rejectUnauthorized: false,
        maxVersion,
        ...(session !== undefined && { session }),
      });
      t.after(() => socket.destroy());
      await once(socket, 'secureConnect');
      return socket;
    };
    const first = await shake();
    const sessions = once(first, 'session');
    const session =
      maxVersion === 'TLSv1.3' ? ((await sessions) as [Buffer])[0] : (first.getSession() as Buffer);
    const pids = new Set<number>();
    for (let count = 0; count < 16; count += 1) {
      const socket = await shake(session);
      assert.equal(socket.isSessionReused(), true, `${maxVersion}, connection ${count}`);
      pids.add(workerOf(socket, supervisor.workerPids()));
    }
    assert.equal(pids.size, 2, 'all connections went to one worker');
  }
});

test('workers whose primary is gone finish what they have and end', { timeout }, async (t) => {
  const slow = Promise.withResolvers<ServerResponse>();
  const origin = await startOrigin(t, (_request, response) => slow.resolve(response));
  const port = await findFreePort();
  const primary = runProcess(join(import.meta.dirname, 'orphan-primary.ts'), [String(port), String(origin)]);
  t.after(() => primary.child.kill('SIGKILL'));
  await primary.waitFor(/^ready$/m);
  const client = await RawClient.open(t, port);
  client.send(get);
  const response = await slow.promise;
  const gone = once(primary.child, 'exit');
  primary.child.kill('SIGKILL');
  await gone;
  response.end('late');
  assert.match(await client.untilClosed(), /200 OK[^]*Connection: close[^]*late$/);
  client.socket.end();
  // The workers write to the same pipe: it closes when the last of them has ended.
  await primary.ended;
});

test('no worker starts after the supervisor was told to end them', { timeout }, async (t) => {
  const { supervisor } = await startWorkers(t, { workers: 1 });
  t.mock.timers.enable({ apis: ['setTimeout'] });
  for (const pauseMs of [0, 400]) {
    const [pid = 0] = supervisor.workerPids();
    process.kill(pid, 'SIGKILL');
    await turnUntil(() => supervisor.workerPids().length === 0, 'a dead worker');
    if (pauseMs === 0) t.mock.timers.tick(pauseMs);
  }
  supervisor.kill();
  t.mock.timers.tick(60_000);
  assert.deepEqual(supervisor.workerPids(), []);
});

async function isRefused(port: number): Promise<boolean> {
  const client = connect(port, '127.0.0.1');
  try {
    await once(client, 'connect');
    return false;
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ECONNREFUSED');
    return true;
  } finally {
    client.destroy();
  }
}
