// Automatic certificates with two replicas of the controller before one API server, and Pebble as the authority, which reaches the replicas by
// turns: one orders, both answer and serve; when the one that orders dies in the middle, the other finishes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { type ApiValue } from '../controller/api.ts';
import { ingressOf, siteOf } from '../controller/objects.ts';
import {
  type ApiProcess,
  type ControllerProcess,
  startApi,
  startOrigin,
  startReadyController,
} from '../controller/processes.ts';
import { waitFor } from '../controller/waiting.ts';
import { type Pebble, startPebble } from './pebble.ts';
import { servedCertificate } from './served-certificate.ts';

const timeout = 120_000;

/** A load balancer before the replicas: one connection to each by turns. */
class Balancer {
  readonly #sockets = new Set<Socket>();
  /** Plain ports of the replicas. */
  #ports: readonly number[] = [];
  #turn = 0;
  #gate: Promise<void> = Promise.resolve();
  #onAsked = (): void => {};
  /** How many connections each port got. */
  readonly asked = new Map<number, number>();
  port = 0;

  static async start(t: TestContext): Promise<Balancer> {
    const balancer = new Balancer();
    const server = createServer((socket) => void balancer.#take(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    balancer.port = (server.address() as AddressInfo).port;
    t.after(() => {
      server.close();
      for (const socket of balancer.#sockets) socket.destroy();
    });
    return balancer;
  }

  lead(...ports: readonly number[]): void {
    this.#ports = ports;
  }

  /** Nobody is led further until `release`; `asked` resolves when somebody waits for it. */
  hold(): { readonly asked: Promise<void>; readonly release: () => void } {
    const gate = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    this.#gate = gate.promise;
    this.#onAsked = asked.resolve;
    return { asked: asked.promise, release: gate.resolve };
  }

  async #take(socket: Socket): Promise<void> {
    this.#keep(socket);
    this.#onAsked();
    await this.#gate;
    const port = this.#ports[this.#turn % this.#ports.length] ?? 0;
    this.#turn += 1;
    this.asked.set(port, (this.asked.get(port) ?? 0) + 1);
    const behind = connect(port, '127.0.0.1');
    this.#keep(behind);
    socket.pipe(behind).pipe(socket);
    behind.once('close', () => socket.destroy());
    socket.once('close', () => behind.destroy());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => this.#sockets.delete(socket));
  }
}

interface Scene {
  readonly server: ApiProcess;
  readonly pebble: Pebble;
  readonly balancer: Balancer;
  readonly leader: ControllerProcess;
  readonly other: ControllerProcess;
}

async function startScene(t: TestContext): Promise<Scene> {
  const server = await startApi(t);
  await server.api.applyAll(siteOf('a', 'a.test', await startOrigin(t)));
  const balancer = await Balancer.start(t);
  const pebble = await startPebble(t, { httpPort: balancer.port, httpsPort: 1 });
  const acme = ['--acme-agree-tos', '--acme-email', 'ops@shop.test', '--acme-namespace', 'default'];
  acme.push('--acme-directory', pebble.directoryUrl, '--acme-ca-file', pebble.authorityPath);
  const flags = [...acme, '--election-ttl', '3s'];
  const leader = await startReadyController(t, server.kubeconfigPath, { flags });
  await waitFor('a leader', leader.isLeading);
  const other = await startReadyController(t, server.kubeconfigPath, { flags });
  balancer.lead(leader.httpPort, other.httpPort);
  return { server, pebble, balancer, leader, other };
}

function shop(): ApiValue {
  const annotations = { 'sallyport.dev/acme': 'true' };
  return ingressOf('shop', 'shop.test', { service: 'a', secret: 'shop-tls', annotations });
}

const isOrdered = /orders a certificate for "shop\.test"/;
const isIssued = /the certificate for "shop\.test" is in Secret "default\/shop-tls"/;

test('one replica orders, both answer the authority, and both serve the certificate', {
  timeout,
}, async (t) => {
  const { server, pebble, balancer, leader, other } = await startScene(t);
  await server.api.apply(shop());
  await leader.waitFor(isIssued);
  const root = await pebble.readRoot();
  const fingerprint = await servedCertificate(leader.httpsPort, 'shop.test', root);
  assert.equal(await servedCertificate(other.httpsPort, 'shop.test', root), fingerprint);
  // The authority looks three times, and all have to see the answer.
  for (const { httpPort } of [leader, other]) assert.ok((balancer.asked.get(httpPort) ?? 0) > 0);
  assert.doesNotMatch(other.output(), isOrdered);
});

test('a replica that dies while the authority looks: the other answers, leads, orders and serves', {
  timeout,
}, async (t) => {
  const { server, pebble, balancer, leader, other } = await startScene(t);
  const { asked, release } = balancer.hold();
  await server.api.apply(shop());
  await asked;
  assert.match(leader.output(), isOrdered);
  leader.child.kill('SIGKILL');
  await leader.ended;
  balancer.lead(other.httpPort);
  release();
  await other.waitFor(isIssued);
  assert.doesNotMatch(leader.output(), isIssued);
  assert.match(other.output(), isOrdered);
  await servedCertificate(other.httpsPort, 'shop.test', await pebble.readRoot());
  await waitFor('no challenge is left', async () => {
    const secret = await server.api.read('/api/v1/namespaces/default/secrets/sallyport-acme-challenges');
    return Object.keys(secret?.['data'] ?? {}).length === 0;
  });
});
