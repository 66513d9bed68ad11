// PROXY protocol before TLS: what a header announced stays with the connection on which it came, through the handshake.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect } from 'node:tls';
import { Handshakes } from '../../src/proxy/handshakes.ts';
import { anyPort } from '../../src/proxy/listeners.ts';
import { renderProxyV1 } from '../../src/wire/proxy-protocol/index.ts';
import { getRequest, okResponse, RawClient, startAnswering, startProxy, type TestProxy } from './harness.ts';
import { turnUntil } from './probe.ts';

/** Answers with the client's address as the upstream is told it. */
async function start(t: TestContext): Promise<TestProxy> {
  const port = await startAnswering(t, (request) =>
    okResponse(/^x-real-ip: (\S+)/im.exec(request)?.[1] ?? ''),
  );
  return await startProxy(
    t,
    { hosts: { 'a.test': [{ upstream: 'web' }] }, upstreams: { web: [port] }, tls: { 'a.test': null } },
    {
      listen: { httpsPort: anyPort, address: '0.0.0.0' },
      proxyProtocol: { isOn: true },
      forwarded: { trust: false, trustedCidrs: ['127.0.0.0/8'], appendFor: false },
    },
  );
}

const begin = 'PROXY ';

function endFor(address: string): string {
  const header = renderProxyV1({ address, port: 50_000 }, { address: '198.51.100.1', port: 443 });
  return header.slice(begin.length);
}

/** A connection to the TLS port that has begun to send a header. */
async function beginHeader(t: TestContext, proxy: TestProxy, host: string, localPort = 0): Promise<Socket> {
  const socket = connectTcp({ host, port: proxy.tlsPort, localAddress: '127.0.0.1', localPort });
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  socket.write(begin);
  return socket;
}

async function shakeHands(t: TestContext, socket: Socket): Promise<RawClient> {
  const secure = connect({ socket, servername: 'a.test', rejectUnauthorized: false });
  t.after(() => secure.destroy());
  await once(secure, 'secureConnect');
  return new RawClient(secure);
}

test('handshakes from one port to two addresses of ours keep apart what was announced', async (t) => {
  const proxy = await start(t);
  const one = await beginHeader(t, proxy, '127.0.0.1');
  const other = await beginHeader(t, proxy, '127.0.0.2', one.localPort);
  const { deadlines } = proxy.worker.core;
  await turnUntil(() => deadlines.size === 2, 'both prefaces');
  one.write(endFor('192.0.2.7'));
  other.write(endFor('192.0.2.8'));
  await turnUntil(() => deadlines.size === 0, 'both handshakes');
  for (const [socket, address] of [
    [one, '192.0.2.7'],
    [other, '192.0.2.8'],
  ] as const) {
    const client = await shakeHands(t, socket);
    client.send(getRequest);
    const response = await client.responses(1);
    assert.equal(response.slice(response.indexOf('\r\n\r\n') + 4), address);
  }
});

test('a handshake of which it is not known what was announced is the end of the connection', async (t) => {
  const proxy = await start(t);
  t.mock.method(Handshakes.prototype, 'end', () => null);
  const socket = await beginHeader(t, proxy, '127.0.0.1');
  socket.write(endFor('192.0.2.7'));
  const client = await shakeHands(t, socket);
  client.send(getRequest);
  assert.equal(await client.untilClosed(), '');
  assert.deepEqual(await proxy.log(), []);
});
