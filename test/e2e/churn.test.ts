// Everything changes under constant load: endpoints come and go, certificates are rotated, a worker is killed, and two instances on
// the same ports are replaced one after the other. No request fails and no WebSocket or stream of gRPC is cut but those of the killed worker.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { ProxySettings } from '../../src/model/index.ts';
import type { Supervisor } from '../../src/proxy/supervisor.ts';
import { testSettings } from '../behaviour/harness.ts';
import { turnUntil } from '../behaviour/probe.ts';
import { makeCertificate } from '../behaviour/self-signed.ts';
import { makePatch } from '../behaviour/table.ts';
import { findFreePort } from '../cli/up-process.ts';
import { type EchoServer, startEcho } from '../behaviour/grpc-peers.ts';
import { type ChurnClient, startAsking, startEchoing, startMultiplexing } from './churn-clients.ts';
import { startChatting, startListening } from './churn-grpc.ts';
import { makeSupervisor, workerOf } from './worker-load.ts';

const churnIntervalMs = 200;
/**
 * Two instances with two workers on two ports. Linux resets what waits in the queue of a listener that closes, unless
 * `net.ipv4.tcp_migrate_req` is 1; the proxy makes the moment in which that can happen short, and a busy machine makes it longer.
 */
const listenersClosed = 8;
/** One endpoint of gRPC for so many others. */
const grpcEvery = 5;
/** Answers of every client between two events: enough that each meets what was changed. */
const answersPerStep = 40;

/** An application that ends as one in a cluster should: when nobody sends it requests any more. WebSockets stay until the test ends. */
class Endpoint {
  readonly #server = createServer((_request, response) => response.end('ok'));
  readonly #connections = new Set<Socket>();
  #isLeaving = false;

  static async start(t: TestContext): Promise<Endpoint> {
    const endpoint = new Endpoint();
    await endpoint.#listen();
    t.after(() => {
      endpoint.#server.close();
      for (const socket of endpoint.#connections) socket.destroy();
    });
    return endpoint;
  }

  async #listen(): Promise<void> {
    this.#server.on('connection', (socket: Socket) => {
      this.#connections.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => {
        this.#connections.delete(socket);
        this.#endWhenUnused();
      });
    });
    this.#server.on('upgrade', (_request, socket: Socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
      socket.on('data', (chunk: Buffer) => socket.write(chunk));
      socket.on('end', () => socket.end());
    });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** It is in no table any more: what is on its way is answered, and the proxy closes its connections. */
  leave(): void {
    this.#isLeaving = true;
    this.#endWhenUnused();
  }

  #endWhenUnused(): void {
    if (this.#isLeaving && this.#connections.size === 0) this.#server.close();
  }
}

/** What all instances serve by; every change goes to all of them. */
class Fleet {
  readonly #t: TestContext;
  readonly settings: ProxySettings;
  /** By instance the version that all its workers serve by. */
  readonly #served = new Map<Supervisor, number>();
  #version = 0;
  #endpoint: Endpoint;
  /** Streams stay with the one that took them: all of them run until the test ends. */
  #grpcEndpoint: EchoServer;
  #wake: (() => void)[] = [];
  endpointsReplaced = 0;
  certificatesRotated = 0;

  private constructor(t: TestContext, settings: ProxySettings, endpoint: Endpoint, grpc: EchoServer) {
    this.#t = t;
    this.settings = settings;
    this.#endpoint = endpoint;
    this.#grpcEndpoint = grpc;
  }

  static async make(t: TestContext, settings: ProxySettings): Promise<Fleet> {
    return new Fleet(t, settings, await Endpoint.start(t), await startEcho(t));
  }

  async start(): Promise<Supervisor> {
    const supervisor: Supervisor = makeSupervisor(this.settings, (version) => {
      if (this.#served.has(supervisor)) this.#served.set(supervisor, version);
      for (const wake of this.#wake.splice(0)) wake();
    });
    this.#t.after(() => supervisor.kill());
    await supervisor.start();
    this.#served.set(supervisor, 0);
    await this.publish();
    await supervisor.whenReady();
    return supervisor;
  }

  async end(supervisor: Supervisor): Promise<void> {
    // Until its clients know that it goes it serves what comes, and has to know of the changes.
    await supervisor.drain();
    this.#served.delete(supervisor);
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** Resolves when all serve by it. */
  async publish(): Promise<void> {
    this.#version += 1;
    const version = this.#version;
    this.certificatesRotated += 1;
    const table = {
      hosts: {
        'a.test': [
          { path: '/test.Echo', upstream: 'grpc', policies: { 'backend-protocol': 'h2c' } },
          { path: '/', upstream: 'web' },
        ],
      },
      upstreams: { web: [this.#endpoint.port], grpc: [this.#grpcEndpoint.port] },
      certificates: [makeCertificate('test/a', ['a.test'])],
      tls: { 'a.test': 'test/a' },
    };
    for (const instance of this.#served.keys()) instance.publish(makePatch(table, version));
    while ([...this.#served.values()].some((served) => served < version))
      await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  async replaceEndpoint(): Promise<void> {
    const leaving = this.#endpoint;
    this.#endpoint = await Endpoint.start(this.#t);
    if (this.endpointsReplaced % grpcEvery === 0) this.#grpcEndpoint = await startEcho(this.#t);
    await this.publish();
    this.endpointsReplaced += 1;
    leaving.leave();
  }
}

async function moreAnswers(clients: readonly ChurnClient[]): Promise<void> {
  await Promise.all(clients.map((client) => client.more(answersPerStep)));
}

/** `withFresh`: also those that open a connection for each request. */
function startClients(httpPort: number, httpsPort: number, withFresh: boolean): ChurnClient[] {
  const kinds = [
    { name: 'kept', port: httpPort, isTls: false, keepsAlive: true, howMany: 6 },
    { name: 'fresh', port: httpPort, isTls: false, keepsAlive: false, howMany: 3 },
    { name: 'kept over TLS', port: httpsPort, isTls: true, keepsAlive: true, howMany: 4 },
    { name: 'fresh over TLS', port: httpsPort, isTls: true, keepsAlive: false, howMany: 2 },
  ];
  const asking = kinds
    .filter(({ keepsAlive }) => keepsAlive || withFresh)
    .flatMap(({ howMany, ...kind }) => Array.from({ length: howMany }, () => startAsking(kind)));
  const multiplexing = Array.from({ length: 3 }, () => startMultiplexing('HTTP/2', httpsPort));
  const streaming = [
    { port: httpPort, isTls: false },
    { port: httpsPort, isTls: true },
  ].flatMap((where) => [
    ...Array.from({ length: 2 }, () => startChatting({ name: 'gRPC, both ways', ...where })),
    ...Array.from({ length: 2 }, () => startListening({ name: 'gRPC, of the server', ...where })),
  ]);
  return [
    ...asking,
    ...multiplexing,
    ...streaming,
    ...Array.from({ length: 4 }, () => startEchoing('WebSocket', httpPort)),
  ];
}

/** How much came to how many clients of a kind. */
function describeCounts(clients: readonly ChurnClient[]): string {
  const kinds = new Map<string, { clients: number; count: number }>();
  for (const { name, count } of clients) {
    const kind = kinds.get(name) ?? { clients: 0, count: 0 };
    kinds.set(name, { clients: kind.clients + 1, count: kind.count + count });
  }
  return [...kinds].map(([name, kind]) => `${name}: ${kind.count} to ${kind.clients}`).join('; ');
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
  const fleet = await Fleet.make(t, settings);
  const first = await fleet.start();
  const second = await fleet.start();
  const clients = startClients(httpPort, httpsPort, true);
  t.after(() => Promise.all(clients.map((client) => client.stop())));
  await moreAnswers(clients);
  const churning = new AbortController();
  t.after(() => churning.abort());
  const churn = async (): Promise<void> => {
    while (!churning.signal.aborted) await Promise.all([fleet.replaceEndpoint(), pause(churnIntervalMs)]);
  };
  const changing = churn();
  await moreAnswers(clients);
  const ended: Promise<void>[] = [];
  for (const old of [first, second]) {
    await fleet.start();
    ended.push(fleet.end(old));
    await moreAnswers(clients);
  }
  churning.abort();
  await changing;
  const failures = clients.flatMap((client) => client.failures);
  assert.deepEqual(failures, []);
  const resets = clients.reduce((sum, { resetInQueue }) => sum + resetInQueue, 0);
  assert.ok(resets <= listenersClosed, `${resets} new connections were reset`);
  await Promise.all(clients.map((client) => client.stop()));
  // The old instances end as soon as their last WebSocket has.
  await Promise.all(ended);
  t.diagnostic(
    `${describeCounts(clients)}; 0 failed; ${fleet.endpointsReplaced} endpoints and ${fleet.certificatesRotated} certificates replaced, 2 instances replaced, ${resets} connections reset in the queue of a closing listener`,
  );
});

test('a worker that is killed takes only its own connections along', async (t) => {
  const [httpPort, httpsPort] = [await findFreePort(), await findFreePort()];
  const settings: ProxySettings = {
    ...testSettings({ listen: { httpPort, httpsPort }, accessLog: { format: 'off', path: '-' } }),
    workers: 2,
  };
  const fleet = await Fleet.make(t, settings);
  const supervisor = await fleet.start();
  const clients = startClients(httpPort, httpsPort, false);
  t.after(() => Promise.all(clients.map((client) => client.stop())));
  await moreAnswers(clients);
  await killWorker(supervisor, clients);
  await fleet.replaceEndpoint();
  await moreAnswers(clients);
  assert.deepEqual(
    clients.flatMap((client) => client.failures),
    [],
  );
  const excused = clients.reduce((sum, client) => sum + client.excused, 0);
  t.diagnostic(`${describeCounts(clients)}; 0 failed; ${excused} ended with the killed worker`);
});
