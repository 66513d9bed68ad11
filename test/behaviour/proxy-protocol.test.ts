// PROXY protocol on the HTTP and HTTPS listeners: the announced client is the client everywhere, whom it is believed, and what
// becomes of connections that begin otherwise.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import type { Duplex } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { connect } from 'node:tls';
import { defaultArrivalSettings, type ProxySettings } from '../../src/model/index.ts';
import { anyPort } from '../../src/proxy/listeners.ts';
import { maxPrefaces } from '../../src/proxy/prefaces.ts';
import { renderProxyV1, renderProxyV2 } from '../../src/wire/proxy-protocol/index.ts';
import {
  type DeepPartial,
  getRequest,
  okResponse,
  passTime,
  RawClient,
  startAnswering,
  startProxy,
  type TestProxy,
} from './harness.ts';
import { turnUntil } from './probe.ts';
import { makeCertificate } from './self-signed.ts';
import { makePatch } from './table.ts';

const source = { address: '192.0.2.7', port: 50_000 };
const toHttp = { address: '198.51.100.1', port: 1_234 };
const toHttps = { address: '198.51.100.1', port: 443 };

interface Started {
  readonly proxy: TestProxy;
  /** Fields of the last request that the upstream got, lower case. */
  readonly seen: () => ReadonlyMap<string, string>;
}

async function start(t: TestContext, change: DeepPartial<ProxySettings> = {}): Promise<Started> {
  let request = '';
  const port = await startAnswering(t, (text) => {
    request = text;
    return okResponse('ok');
  });
  const proxy = await startProxy(
    t,
    {
      hosts: { 'a.test': [{ upstream: 'web' }] },
      upstreams: { web: [port] },
      certificates: [makeCertificate('test/a', ['a.test'])],
      tls: { 'a.test': 'test/a' },
    },
    {
      listen: { httpsPort: anyPort },
      proxyProtocol: { isOn: true },
      ...change,
      forwarded: { trust: false, trustedCidrs: ['0.0.0.0/0'], appendFor: false, ...change.forwarded },
    },
  );
  const seen = (): ReadonlyMap<string, string> =>
    new Map(
      request
        .split('\r\n')
        .slice(1, -2)
        .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
    );
  return { proxy, seen };
}

async function askOverHttp(
  t: TestContext,
  { proxy, seen }: Started,
  header: string | Uint8Array,
  request = getRequest,
): Promise<{ readonly seen: ReadonlyMap<string, string>; readonly logged: string }> {
  const client = await RawClient.open(t, proxy.port);
  client.send(typeof header === 'string' ? header : Buffer.from(header));
  client.send(request);
  await client.responses(1);
  return { seen: seen(), logged: String((await proxy.log()).at(-1)?.['remote_addr']) };
}

function refusals(proxy: TestProxy): Record<string, number> {
  return Object.fromEntries(proxy.worker.core.counters.proxyHeadersRefused);
}

test('the announced client is the client: upstream fields, access log, port', async (t) => {
  const started = await start(t);
  for (const header of [renderProxyV1(source, toHttp), renderProxyV2(source, toHttp, 'stream')]) {
    const { seen, logged } = await askOverHttp(t, started, header);
    assert.equal(logged, source.address);
    assert.equal(seen.get('x-real-ip'), source.address);
    assert.equal(seen.get('x-forwarded-for'), source.address);
    assert.equal(seen.get('x-forwarded-port'), '1234');
    assert.equal(seen.get('x-forwarded-proto'), 'http');
  }
});

test('an announced port 443 means https, as in ingress-nginx', async (t) => {
  const { seen } = await askOverHttp(t, await start(t), renderProxyV1(source, toHttps));
  assert.equal(seen.get('x-forwarded-proto'), 'https');
  assert.equal(seen.get('x-forwarded-port'), '443');
});

test('LOCAL and UNKNOWN leave the connection its own ends', async (t) => {
  const started = await start(t);
  for (const header of [renderProxyV1(null, null), renderProxyV2(null, null, 'stream')]) {
    const { seen, logged } = await askOverHttp(t, started, header);
    assert.equal(logged, '127.0.0.1');
    assert.equal(seen.get('x-forwarded-port'), String(started.proxy.port));
  }
});

test('who is not trusted sends a header and is not believed', async (t) => {
  const started = await start(t, { forwarded: { trustedCidrs: ['10.0.0.0/8'] } });
  const { seen, logged } = await askOverHttp(t, started, renderProxyV1(source, toHttps));
  assert.equal(logged, '127.0.0.1');
  assert.equal(seen.get('x-real-ip'), '127.0.0.1');
  assert.equal(seen.get('x-forwarded-proto'), 'http');
});

test('X-Forwarded-For is believed of an announced address that is trusted, and of no other', async (t) => {
  const request = 'GET / HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n';
  for (const [cidr, client] of [
    ['192.0.2.0/24', '203.0.113.9'],
    ['10.0.0.0/8', source.address],
  ] as const) {
    const started = await start(t, { forwarded: { trust: true, trustedCidrs: ['127.0.0.0/8', cidr] } });
    const { logged } = await askOverHttp(t, started, renderProxyV1(source, toHttp), request);
    assert.equal(logged, client);
  }
});

test('header and requests may come in any pieces', async (t) => {
  const { proxy } = await start(t);
  const text = renderProxyV1(source, toHttp) + getRequest + getRequest;
  for (const cut of [1, 6, 30, text.indexOf('\n'), text.indexOf('\n') + 1, text.indexOf('\n') + 9]) {
    const client = await RawClient.open(t, proxy.port);
    client.send(text.slice(0, cut));
    await turnUntil(() => client.socket.bytesWritten === cut && client.socket.writableLength === 0, 'sent');
    client.send(text.slice(cut));
    await client.responses(2);
    assert.equal((await proxy.log()).at(-1)?.['remote_addr'], source.address);
  }
});

test('a connection without a valid header is closed without an answer, and counted', async (t) => {
  const { proxy } = await start(t);
  for (const port of [proxy.port, proxy.tlsPort]) {
    for (const text of [getRequest, 'PROXY TCP4 1.2.3.4\r\n', '\x16\x03\x01\x02\x00\x01']) {
      const client = await RawClient.open(t, port);
      client.send(text);
      assert.equal(await client.untilClosed(), '');
    }
  }
  const silent = await RawClient.open(t, proxy.port);
  silent.socket.end();
  await silent.untilClosed();
  assert.deepEqual(refusals(proxy), { 'no-signature': 4, 'v1-malformed': 2, closed: 1 });
  assert.deepEqual(await proxy.log(), []);
});

test('a header that does not come in time ends the connection', async (t) => {
  const { proxy } = await start(t, { proxyProtocol: { isOn: true, headerTimeoutMs: 5_000 } });
  const client = await RawClient.open(t, proxy.port);
  client.send('PROXY TCP4 ');
  await turnUntil(() => proxy.worker.core.deadlines.size === 1, 'a preface');
  passTime(proxy, 4_000);
  assert.equal(client.isClosed, false);
  passTime(proxy, 6_000);
  assert.equal(await client.untilClosed(), '');
  assert.deepEqual(refusals(proxy), { timeout: 1 });
});

test('over TLS the header comes first, and the announced client is the client', async (t) => {
  const { proxy, seen } = await start(t);
  const raw = await RawClient.open(t, proxy.tlsPort);
  raw.socket.removeAllListeners('data');
  raw.socket.write(renderProxyV2(source, { address: '198.51.100.1', port: 8_443 }, 'stream'));
  const socket = connect({ socket: raw.socket, servername: 'a.test', rejectUnauthorized: false });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  assert.equal(String(socket.getPeerCertificate().subject.CN), 'a.test');
  const client = new RawClient(socket);
  client.send(getRequest);
  await client.responses(1);
  assert.equal(seen().get('x-forwarded-for'), source.address);
  assert.equal(seen().get('x-forwarded-port'), '8443');
  assert.equal(seen().get('x-forwarded-proto'), 'https');
  assert.equal((await proxy.log()).at(-1)?.['remote_addr'], source.address);
});

test('header and ClientHello may come in one piece', async (t) => {
  const { proxy } = await start(t);
  const raw = await RawClient.open(t, proxy.tlsPort);
  raw.socket.removeAllListeners('data');
  raw.socket.cork();
  raw.socket.write(renderProxyV1(source, toHttps));
  const socket = connect({ socket: raw.socket, servername: 'a.test', rejectUnauthorized: false });
  t.after(() => socket.destroy());
  process.nextTick(() => raw.socket.uncork());
  await once(socket, 'secureConnect');
  const client = new RawClient(socket);
  client.send(getRequest);
  await client.responses(1);
  assert.equal((await proxy.log()).at(-1)?.['remote_addr'], source.address);
});

test('more unread prefaces than may be end the oldest, not the newest', async (t) => {
  const { proxy } = await start(t, { limits: { maxConnectionsPerWorker: 10_000 } });
  const silent: RawClient[] = [];
  for (let count = 0; count < maxPrefaces; count += 1) silent.push(await RawClient.open(t, proxy.port));
  const honest = await RawClient.open(t, proxy.port);
  honest.send(renderProxyV1(source, toHttp) + getRequest);
  await honest.responses(1);
  await silent[0]?.untilClosed();
  assert.equal(silent[1]?.isClosed, false);
});

test('a drain gives prefaces a moment, no more', async (t) => {
  const { proxy } = await start(t);
  const client = await RawClient.open(t, proxy.port);
  client.send('PROXY ');
  await turnUntil(() => proxy.worker.core.deadlines.size === 1, 'a preface');
  await proxy.worker.drain(60_000);
  assert.equal(await client.untilClosed(), '');
});

/** Asks over HTTP/2 on a connection that has sent its header; resolves to the status. */
async function askOverHttp2(t: TestContext, socket: Duplex, authority: string): Promise<number> {
  const session = connectHttp2(authority, { createConnection: () => socket });
  t.after(() => session.destroy());
  const request = session.request({ ':path': '/' });
  request.resume();
  const [fields] = (await once(request, 'response')) as [IncomingHttpHeaders];
  return Number(fields[':status']);
}

test('HTTP/2 has the announced client too, by prior knowledge and by ALPN', async (t) => {
  const { proxy, seen } = await start(t);
  const plain = await RawClient.open(t, proxy.port);
  plain.socket.removeAllListeners('data');
  plain.socket.write(renderProxyV1(source, toHttp));
  assert.equal(await askOverHttp2(t, plain.socket, 'http://a.test'), 200);
  assert.equal(seen().get('x-forwarded-for'), source.address);
  assert.equal(seen().get('x-forwarded-port'), '1234');
  const raw = await RawClient.open(t, proxy.tlsPort);
  raw.socket.removeAllListeners('data');
  raw.socket.write(renderProxyV2({ ...source, address: '192.0.2.8' }, toHttps, 'stream'));
  const socket = connect({
    socket: raw.socket,
    servername: 'a.test',
    ALPNProtocols: ['h2'],
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  assert.equal(await askOverHttp2(t, socket, 'https://a.test'), 200);
  assert.equal(seen().get('x-forwarded-for'), '192.0.2.8');
  assert.equal((await proxy.log()).at(-1)?.['remote_addr'], '192.0.2.8');
});

test('the settings of the ConfigMap go before the flags, from the next connection on', async (t) => {
  const { proxy, seen } = await start(t, { proxyProtocol: { isOn: false } });
  const before = await RawClient.open(t, proxy.port);
  before.send(getRequest);
  await before.responses(1);
  const arrivals = { ...defaultArrivalSettings, wantsProxyHeader: true };
  proxy.worker.apply({ ...makePatch({ hosts: {} }, 2), arrivals });
  before.send(getRequest);
  await before.responses(2);
  await askOverHttp(t, { proxy, seen }, renderProxyV1(source, toHttp));
  assert.equal(seen().get('x-forwarded-for'), source.address);
  const bare = await RawClient.open(t, proxy.port);
  bare.send(getRequest);
  assert.equal(await bare.untilClosed(), '');
  proxy.worker.apply({ ...makePatch({ hosts: {} }, 3), arrivals: { ...arrivals, trustedCidrs: [] } });
  await askOverHttp(t, { proxy, seen }, renderProxyV1(source, toHttp));
  assert.equal(seen().get('x-forwarded-for'), '127.0.0.1');
  proxy.worker.apply({ ...makePatch({ hosts: {} }, 4), arrivals: defaultArrivalSettings });
  await askOverHttp(t, { proxy, seen }, '');
});
