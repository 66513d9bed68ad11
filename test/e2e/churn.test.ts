// Everything changes under constant load: endpoints come and go, certificates are rotated, a worker is killed, and two instances on
// the same ports are replaced one after the other. No request fails and no WebSocket is cut but those of the killed worker.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { ProxySettings } from '../../src/model/index.ts';
import type { Supervisor } from '../../src/proxy/supervisor.ts';
import { testSettings } from '../behaviour/harness.ts';
import { turnUntil } from '../behaviour/probe.ts';
import { makeCertificate } from '../behaviour/self-signed.ts';
import { makePatch } from '../behaviour/table.ts';
import { findFreePort } from '../cli/up-process.ts';
import { type ChurnClient, startAsking, startEchoing } from './churn-clients.ts';
import { makeSupervisor, workerOf } from './worker-load.ts';

const churnIntervalMs = 200;
/** Answers of every client between two events: enough that each meets what was changed. */
const answersPerStep = 40;

/** An application that ends as one in a cluster does: it finishes what it has, then closes. WebSockets stay until the test ends. */
async function startEndpoint(t: TestContext): Promise<Server> {
  const server = createServer((_request, response) => response.end('ok'));
  const tunnels = new Set<Socket>();
  server.on('upgrade', (_request, socket: Socket) => {
    tunnels.add(socket);
    socket.on('error', () => {});
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
    socket.on('data', (chunk: Buffer) => socket.write(chunk));
    socket.on('end', () => socket.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
    for (const socket of tunnels) socket.destroy();
  });
  return server;
}

/** What all instances serve by; every change goes to all of them. */
class Fleet {
  readonly #t: TestContext;
  readonly settings: ProxySettings;
  readonly instances = new Set<Supervisor>();
  #version = 0;
  #endpoint: Server;
  /** Out of the table, as far as all workers have heard of it. */
  #leaving: Server | null = null;
  endpointsReplaced = 0;
  certificatesRotated = 0;

  constructor(t: TestContext, settings: ProxySettings, endpoint: Server) {
    this.#t = t;
    this.settings = settings;
    this.#endpoint = endpoint;
  }

  async start(): Promise<Supervisor> {
    const supervisor = makeSupervisor(this.settings);
    this.#t.after(() => supervisor.kill());
    await supervisor.start();
    this.instances.add(supervisor);
    this.publish();
    await supervisor.whenReady();
    return supervisor;
  }

  async end(supervisor: Supervisor): Promise<void> {
    this.instances.delete(supervisor);
    await supervisor.drain();
  }

  publish(): void {
    this.#version += 1;
    const certificates = [makeCertificate('test/a', ['a.test'])];
    this.certificatesRotated += 1;
    const table = {
      hosts: { 'a.test': [{ upstream: 'web' }] },
      upstreams: { web: [(this.#endpoint.address() as AddressInfo).port] },
      certificates,
      tls: { 'a.test': 'test/a' },
    };
    for (const instance of this.instances) instance.publish(makePatch(table, this.#version));
  }

  async replaceEndpoint(): Promise<void> {
    const next = await startEndpoint(this.#t);
    // As a pod does, it goes some time after it was taken out of the table; idle connections end at once, WebSockets do not.
    this.#leaving?.close();
    this.#leaving = this.#endpoint;
    this.#endpoint = next;
    this.publish();
    this.endpointsReplaced += 1;
  }
}

async function moreAnswers(clients: readonly ChurnClient[]): Promise<void> {
  await Promise.all(clients.map((client) => client.more(answersPerStep)));
}

function startClients(httpPort: number, httpsPort: number): ChurnClient[] {
  const kinds = [
    { name: 'kept', port: httpPort, isTls: false, keepsAlive: true, howMany: 6 },
    { name: 'fresh', port: httpPort, isTls: false, keepsAlive: false, howMany: 3 },
    { name: 'kept over TLS', port: httpsPort, isTls: true, keepsAlive: true, howMany: 4 },
    { name: 'fresh over TLS', port: httpsPort, isTls: true, keepsAlive: false, howMany: 2 },
  ];
  const asking = kinds.flatMap(({ howMany, ...kind }) =>
    Array.from({ length: howMany }, () => startAsking(kind)),
  );
  return [...asking, ...Array.from({ length: 4 }, () => startEchoing('WebSocket', httpPort))];
}

/** Kills one; what it serves at that moment may fail. */
async function killWorker(supervisor: Supervisor, clients: readonly ChurnClient[]): Promise<void> {
  const [victim = 0] = supervisor.workerPids();
  for (const client of clients) {
    for (const socket of client.sockets) {
      // A connection that is only being made, and is not known to belong to another worker, may be the victim's.
      const pid = workerOf(socket, supervisor.workerPids());
      if (pid === victim || socket.connecting) client.excuse(socket);
    }
  }
  process.kill(victim, 'SIGKILL');
  await turnUntil(() => !supervisor.workerPids().includes(victim), 'a dead worker');
  await supervisor.whenReady();
}

test('endpoints, certificates and instances are replaced under load, and nobody notices', async (t) => {
  const [httpPort, httpsPort] = [await findFreePort(), await findFreePort()];
  const settings: ProxySettings = {
    ...testSettings({
      listen: { httpPort, httpsPort, isShared: true },
      accessLog: { format: 'off', path: '-' },
      shutdownGraceMs: 120_000,
    }),
    workers: 2,
  };
  const fleet = new Fleet(t, settings, await startEndpoint(t));
  const first = await fleet.start();
  const second = await fleet.start();
  const clients = startClients(httpPort, httpsPort);
  t.after(() => Promise.all(clients.map((client) => client.stop())));
  await moreAnswers(clients);
  let changing: Promise<void> = Promise.resolve();
  const churn = setInterval(() => {
    changing = changing.then(() => fleet.replaceEndpoint());
  }, churnIntervalMs);
  t.after(() => clearInterval(churn));
  await moreAnswers(clients);
  const ended: Promise<void>[] = [];
  for (const old of [first, second]) {
    await fleet.start();
    ended.push(fleet.end(old));
    await moreAnswers(clients);
  }
  clearInterval(churn);
  await changing;
  const failures = clients.flatMap((client) => client.failures);
  assert.deepEqual(failures, []);
  const answers = clients.reduce((sum, { count }) => sum + count, 0);
  await Promise.all(clients.map((client) => client.stop()));
  // The old instances end as soon as their last WebSocket has.
  await Promise.all(ended);
  t.diagnostic(
    `${answers} answers, 0 failed; ${fleet.endpointsReplaced} endpoints and ${fleet.certificatesRotated} certificates replaced, 2 instances replaced`,
  );
});

test('a worker that is killed takes only its own connections along', async (t) => {
  const [httpPort, httpsPort] = [await findFreePort(), await findFreePort()];
  const settings: ProxySettings = {
    ...testSettings({ listen: { httpPort, httpsPort }, accessLog: { format: 'off', path: '-' } }),
    workers: 2,
  };
  const fleet = new Fleet(t, settings, await startEndpoint(t));
  const supervisor = await fleet.start();
  const clients = startClients(httpPort, httpsPort).filter(({ name }) => !name.startsWith('fresh'));
  t.after(() => Promise.all(clients.map((client) => client.stop())));
  await moreAnswers(clients);
  await killWorker(supervisor, clients);
  await fleet.replaceEndpoint();
  await moreAnswers(clients);
  assert.deepEqual(
    clients.flatMap((client) => client.failures),
    [],
  );
});
