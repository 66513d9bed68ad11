// UDP services: sessions by client, endpoints in turn, what ends a session, and the bound on them.
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it, type TestContext, test } from 'node:test';
import type { ProxySettings } from '../../src/model/index.ts';
import { SessionLimit, type SessionHolder } from '../../src/proxy/stream/session-limit.ts';
import { type DeepPartial, passTime, startProxy, type TestProxy } from './harness.ts';
import { turnUntil } from './probe.ts';
import { makePatch, type TableSpec } from './table.ts';

const id = 'udp/1';

async function bind(t: TestContext, port = 0): Promise<Socket> {
  const socket = createSocket('udp4');
  let isClosed = false;
  socket.once('close', () => {
    isClosed = true;
  });
  t.after(() => {
    if (!isClosed) socket.close();
  });
  socket.on('error', () => {});
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** Answers each datagram with its name and the datagram; remembers who asked. */
class Echo {
  readonly socket: Socket;
  readonly senders: number[] = [];
  readonly received: string[] = [];

  constructor(socket: Socket, name: string) {
    this.socket = socket;
    socket.on('message', (datagram, { port, address }) => {
      this.senders.push(port);
      this.received.push(datagram.toString('latin1'));
      if (name !== '') socket.send(`${name}:${datagram.toString('latin1')}`, port, address);
    });
  }

  get port(): number {
    return this.socket.address().port;
  }
}

async function startEcho(t: TestContext, name: string): Promise<Echo> {
  return new Echo(await bind(t), name);
}

class Client {
  readonly socket: Socket;
  readonly received: string[] = [];
  readonly #proxy: TestProxy;

  constructor(socket: Socket, proxy: TestProxy) {
    this.socket = socket;
    this.#proxy = proxy;
    socket.on('message', (datagram) => this.received.push(datagram.toString('latin1')));
  }

  static async open(t: TestContext, proxy: TestProxy): Promise<Client> {
    return new Client(await bind(t), proxy);
  }

  send(text: string): void {
    this.socket.send(Buffer.from(text, 'latin1'), this.#proxy.worker.streamListeners.portOf(id), '127.0.0.1');
  }

  /** The answer to a datagram that was not answered yet. */
  async ask(text: string): Promise<string> {
    const count = this.received.length;
    this.send(text);
    await turnUntil(() => this.received.length > count, `an answer to ${text}`);
    return this.received.at(-1) ?? '';
  }
}

async function start(
  t: TestContext,
  upstream: NonNullable<TableSpec['upstreams']>[string],
  change: DeepPartial<ProxySettings> = {},
): Promise<TestProxy> {
  return await startProxy(
    t,
    { hosts: {}, upstreams: { dns: upstream }, streams: { [id]: { upstream: 'dns' } } },
    change,
  );
}

function countersOf(proxy: TestProxy) {
  const { accepted, active, receivedBytes, sentBytes, failures } = proxy.worker.streams.countersOf(id);
  return { accepted, active, receivedBytes, sentBytes, failures: Object.fromEntries(failures) };
}

test('a client is a session: its datagrams go to one endpoint from one port, and answers come back', async (t) => {
  const echo = await startEcho(t, 'A');
  const proxy = await start(t, [echo.port]);
  const [one, other] = [await Client.open(t, proxy), await Client.open(t, proxy)];
  assert.equal(await one.ask('1'), 'A:1');
  assert.equal(await one.ask('2'), 'A:2');
  assert.equal(await other.ask('3'), 'A:3');
  assert.equal(await one.ask(''), 'A:', 'an empty datagram is one');
  assert.equal(new Set(echo.senders).size, 2);
  assert.deepEqual([echo.senders[0], echo.senders[0]], [echo.senders[1], echo.senders[3]]);
  assert.deepEqual(countersOf(proxy), {
    accepted: 2,
    active: 2,
    receivedBytes: 3,
    sentBytes: 11,
    failures: {},
  });
});

test('clients go to the endpoints in turn', async (t) => {
  const echoes = [await startEcho(t, 'A'), await startEcho(t, 'B')];
  const proxy = await start(
    t,
    echoes.map(({ port }) => port),
  );
  const answers: string[] = [];
  for (let count = 0; count < 4; count += 1) answers.push(await (await Client.open(t, proxy)).ask('x'));
  assert.deepEqual(answers.sort(), ['A:x', 'A:x', 'B:x', 'B:x']);
});

test('datagrams that come while a session is made wait, up to a bound', async (t) => {
  const echo = await startEcho(t, '');
  const proxy = await start(t, [echo.port]);
  const client = await Client.open(t, proxy);
  for (let count = 0; count < 16; count += 1) client.send(String(count));
  await turnUntil(() => echo.received.length === 16, 'all datagrams');
  assert.deepEqual(
    echo.received,
    Array.from({ length: 16 }, (_, count) => String(count)),
  );
  assert.equal(countersOf(proxy).accepted, 1);
});

test('nobody but the endpoint can answer', async (t) => {
  const echo = await startEcho(t, '');
  const stranger = await bind(t);
  const proxy = await start(t, [echo.port]);
  const client = await Client.open(t, proxy);
  client.send('question');
  await turnUntil(() => echo.senders.length === 1, 'the question');
  const [port] = echo.senders;
  await new Promise((resolve) => stranger.send('forged', port, '127.0.0.1', resolve));
  echo.socket.send('true', port, '127.0.0.1');
  await turnUntil(() => client.received.length > 0, 'an answer');
  assert.deepEqual(client.received, ['true']);
});

test('silence ends a session, sooner if nobody ever answered', async (t) => {
  const [echo, mute] = [await startEcho(t, 'A'), await startEcho(t, '')];
  const [answered, unanswered] = [await start(t, [echo.port]), await start(t, [mute.port])];
  for (const proxy of [answered, unanswered]) proxy.worker.core.deadlines.stop();
  await (await Client.open(t, answered)).ask('x');
  (await Client.open(t, unanswered)).send('x');
  await turnUntil(() => mute.received.length === 1, 'the datagram');
  for (const proxy of [answered, unanswered]) passTime(proxy, 40_000);
  assert.equal(countersOf(answered).active, 1);
  assert.equal(countersOf(unanswered).active, 0);
  passTime(answered, 130_000);
  assert.equal(countersOf(answered).active, 0);
});

test('a session whose endpoint has left the table goes to another one', async (t) => {
  const [old, fresh] = [await startEcho(t, 'old'), await startEcho(t, 'new')];
  const proxy = await start(t, [old.port]);
  const client = await Client.open(t, proxy);
  assert.equal(await client.ask('1'), 'old:1');
  proxy.worker.apply({ ...makePatch({ hosts: {}, upstreams: { dns: [fresh.port] } }, 2) });
  assert.equal(await client.ask('2'), 'new:2');
  assert.equal(countersOf(proxy).active, 1);
});

test('an endpoint where nobody listens is left with the next datagram; without any the datagram is lost', async (t) => {
  const gone = await startEcho(t, 'gone');
  const { port } = gone;
  gone.socket.close();
  await once(gone.socket, 'close');
  const echo = await startEcho(t, 'A');
  const proxy = await start(t, [port, echo.port]);
  for (let count = 0; count < 4; count += 1) {
    const client = await Client.open(t, proxy);
    const before = countersOf(proxy).failures['connect-failed'] ?? 0;
    client.send('1');
    await turnUntil(
      () => client.received.length > 0 || (countersOf(proxy).failures['connect-failed'] ?? 0) > before,
      'an answer or a refusal',
    );
    if (client.received.length === 0) assert.equal(await client.ask('2'), 'A:2');
  }
  proxy.worker.apply({ ...makePatch({ hosts: {}, upstreams: { dns: [] } }, 2) });
  (await Client.open(t, proxy)).send('lost');
  await turnUntil(() => countersOf(proxy).failures['no-endpoint'] === 1, 'a failure');
});

test('an endpoint that the kernel refuses to connect to costs the session and nothing else', async (t) => {
  const echo = await startEcho(t, 'A');
  const broadcast = { address: '255.255.255.255', port: 9, ready: true };
  const proxy = await start(t, [broadcast]);
  const client = await Client.open(t, proxy);
  client.send('lost');
  await turnUntil(() => countersOf(proxy).failures['connect-failed'] === 1, 'a failure');
  assert.equal(countersOf(proxy).active, 0);
  proxy.worker.apply({ ...makePatch({ hosts: {}, upstreams: { dns: [echo.port] } }, 2) });
  assert.equal(await client.ask('x'), 'A:x');
  assert.equal(proxy.worker.core.counters.bugs, 0);
});

test('an exception in a session is reported, and costs the session', async (t) => {
  const echo = await startEcho(t, 'A');
  const proxy = await start(t, [{ address: '127.0.0.1', port: 65_536, ready: true }]);
  const client = await Client.open(t, proxy);
  client.send('lost');
  await turnUntil(() => proxy.worker.core.counters.bugs === 1, 'a report');
  assert.equal(countersOf(proxy).active, 0);
  proxy.worker.apply({ ...makePatch({ hosts: {}, upstreams: { dns: [echo.port] } }, 2) });
  assert.equal(await client.ask('x'), 'A:x');
});

test('sessions wait for the first resolution of an external name', async (t) => {
  const echo = await startEcho(t, 'A');
  const proxy = await start(t, { kind: 'dns', name: 'localhost', port: echo.port });
  assert.equal(await (await Client.open(t, proxy)).ask('x'), 'A:x');
});

test('one session more than may be ends the longest silent one', async (t) => {
  const echo = await startEcho(t, 'A');
  // A quarter of the connections.
  const proxy = await start(t, [echo.port], { limits: { maxConnectionsPerWorker: 64 } });
  const clients: Client[] = [];
  for (let count = 0; count < 16; count += 1) {
    const client = await Client.open(t, proxy);
    await client.ask('x');
    clients.push(client);
  }
  const [first] = clients;
  await first?.ask('again');
  const firstPort = echo.senders[0];
  await (await Client.open(t, proxy)).ask('x');
  assert.deepEqual(countersOf(proxy).failures, { 'sessions-full': 1 });
  assert.equal(countersOf(proxy).active, 16);
  await first?.ask('still');
  assert.equal(echo.senders.at(-1), firstPort, 'who spoke last but one is not the oldest');
});

test('the port closes with its entry, and sessions end', async (t) => {
  const echo = await startEcho(t, 'A');
  const proxy = await start(t, [echo.port]);
  await (await Client.open(t, proxy)).ask('x');
  const port = proxy.worker.streamListeners.portOf(id);
  proxy.worker.apply({ ...makePatch({ hosts: {} }, 2), streams: { set: [], removed: [id] } });
  assert.equal(countersOf(proxy).active, 0);
  const again = await bind(t, port);
  assert.equal(again.address().port, port);
});

test('a drain does not wait for sessions', async (t) => {
  const echo = await startEcho(t, 'A');
  const proxy = await start(t, [echo.port]);
  await (await Client.open(t, proxy)).ask('x');
  await proxy.worker.drain(60_000);
  assert.equal(countersOf(proxy).active, 0);
});

describe('SessionLimit', () => {
  it('ends the oldest of the service that has most', () => {
    const ended: string[] = [];
    const holder = (name: string, sessionCount: number): SessionHolder => ({
      sessionCount,
      endOldest: () => ended.push(name),
    });
    const limit = new SessionLimit(10);
    const large = holder('large', 6);
    for (const each of [holder('small', 3), large]) limit.join(each);
    limit.makeRoom();
    assert.deepEqual(ended, []);
    limit.join(holder('tiny', 1));
    limit.makeRoom();
    assert.deepEqual(ended, ['large']);
    limit.leave(large);
    limit.makeRoom();
    assert.deepEqual(ended, ['large']);
  });
});
