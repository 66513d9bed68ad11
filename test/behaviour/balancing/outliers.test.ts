// Ejection by success rate on real sockets: what counts as good and bad, and that only Services that ask for it are judged by statuses.
import assert from 'node:assert/strict';
import type { ServerHttp2Stream } from 'node:http2';
import { test, type TestContext } from 'node:test';
import {
  defaultRetryPolicy,
  defaultUpstreamSettings,
  type OutlierSettings,
} from '../../../src/model/index.ts';
import {
  okResponse,
  passTime,
  RawClient,
  startAnswering,
  startProxy,
  startUpstream,
  type TestProxy,
} from '../harness.ts';
import { startHttp2Upstream } from '../http2-upstream.ts';
import { makePatch, makeUpstream, type TableSpec } from '../table.ts';
import { converse, get, repeat, startNumbered } from './numbered.ts';

const broken = 'HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno';

/** Endpoints of `test/web:80`, compared with four others by five requests each. */
async function startCompared(
  t: TestContext,
  ports: readonly number[],
  part: Partial<OutlierSettings> = {},
  policies: Readonly<Record<string, unknown>> = {},
): Promise<TestProxy> {
  const proxy = await startProxy(t, { hosts: {} }, { health: { maxFailures: 0 } });
  const outliers = { ...defaultUpstreamSettings.outliers, isOn: true, minRequests: 4, ...part };
  const spec: TableSpec = { hosts: { 'a.test': [{ upstream: 'web', policies }] } };
  const upstream = { ...makeUpstream('web', ports), settings: { ...defaultUpstreamSettings, outliers } };
  proxy.worker.apply({ ...makePatch(spec, 2), upstreams: { set: [upstream], removed: [] } });
  return proxy;
}

function eligiblePorts(proxy: TestProxy): number[] {
  return proxy.worker.core.pool.lookupSet('test/web:80')?.eligible.map(({ port }) => port) ?? [];
}

test('an endpoint that answers 500 where the others do not is left alone, and comes back', async (t) => {
  const good = await startNumbered(t, 4);
  const bad = await startAnswering(t, () => broken);
  const proxy = await startCompared(t, [...good, bad]);
  const first = await converse(t, proxy, repeat(25, get('/')));
  assert.equal(first.match(/HTTP\/1\.1 500/g)?.length, 5);
  assert.equal(eligiblePorts(proxy).length, 5);
  passTime(proxy, 11_000);
  assert.deepEqual(eligiblePorts(proxy), good);
  assert.doesNotMatch(await converse(t, proxy, repeat(8, get('/'))), /HTTP\/1\.1 500/);
  assert.deepEqual(proxy.worker.core.pool.health, { ejections: 1, ejected: 1 });
  passTime(proxy, 40_000);
  assert.equal(eligiblePorts(proxy).length, 5);
});

test('statuses below 500 are good, and where nobody asks 500 says nothing', async (t) => {
  const good = await startNumbered(t, 4);
  const missing = await startAnswering(t, () => 'HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n');
  const proxy = await startCompared(t, [...good, missing]);
  await converse(t, proxy, repeat(25, get('/')));
  passTime(proxy, 11_000);
  assert.equal(eligiblePorts(proxy).length, 5);

  const bad = await startAnswering(t, () => broken);
  const other = await startCompared(t, [...good, bad], { isOn: false });
  await converse(t, other, repeat(25, get('/')));
  passTime(other, 11_000);
  assert.equal(eligiblePorts(other).length, 5);
});

test('a status that goes to the next endpoint, and a connection that breaks, are bad', async (t) => {
  const good = await startNumbered(t, 4);
  const bad = await startAnswering(t, () => broken);
  const policies = { 'next-upstream': { ...defaultRetryPolicy, statuses: [500] } };
  const passedOn = await startCompared(t, [...good, bad], {}, policies);
  assert.doesNotMatch(await converse(t, passedOn, repeat(25, get('/'))), /HTTP\/1\.1 500/);
  passTime(passedOn, 11_000);
  assert.deepEqual(eligiblePorts(passedOn), good);

  const breaking = await startUpstream(t, (upstream) => {
    upstream
      .until((text) => text.includes('\r\n\r\n'))
      .then(
        () => upstream.socket.destroy(),
        () => {},
      );
  });
  const proxy = await startCompared(t, [...good, breaking]);
  await converse(t, proxy, repeat(25, get('/')));
  passTime(proxy, 11_000);
  assert.deepEqual(eligiblePorts(proxy), good);
});

test('of gRPC the status at the end counts, in trailers or alone; a call that breaks off is bad', async (t) => {
  const answer = (code: string) => (stream: ServerHttp2Stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': code }));
    stream.end(Buffer.from([0, 0, 0, 0, 0]));
  };
  const kinds: readonly ((stream: ServerHttp2Stream) => void)[] = [
    ...Array.from({ length: 4 }, () => answer('0')),
    // NOT_FOUND is the client's business.
    answer('5'),
    answer('14'),
    (stream) =>
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '13' },
        { endStream: true },
      ),
    (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.write(Buffer.from([0, 0, 0, 0, 9]), () => stream.close(2));
    },
  ];
  const ports = await Promise.all(
    kinds.map(async (kind) => (await startHttp2Upstream(t, (stream) => kind(stream))).port),
  );
  const proxy = await startCompared(t, ports, { deviations: 0.5 }, { 'backend-protocol': 'h2c' });
  for (let count = 0; count < 40; count += 1) {
    const client = await RawClient.open(t, proxy.port);
    client.send(
      'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Type: application/grpc\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
    );
    await client.untilClosed();
  }
  const endpoints = [...(proxy.worker.core.pool.lookupSet('test/web:80')?.eligible ?? [])];
  assert.deepEqual(
    ports.map((port) => {
      const meter = endpoints.find((each) => each.port === port)?.meter;
      return [meter?.good, meter?.bad, meter?.waiting];
    }),
    kinds.map((_, at) => (at < 5 ? [5, 0, 0] : [0, 5, 0])),
  );
  passTime(proxy, 11_000);
  assert.deepEqual(eligiblePorts(proxy), ports.slice(0, 5));
});

test('a pooled connection that had died says nothing', async (t) => {
  const good = await startNumbered(t, 4);
  // Every connection takes one request: the next one on it finds it dead.
  const closing = await startUpstream(t, (upstream) => {
    upstream
      .until((text) => text.includes('\r\n\r\n'))
      .then(
        () => {
          upstream.send(okResponse('once'));
          upstream
            .until((text) => text.split('\r\n\r\n').length > 2)
            .then(
              () => upstream.socket.destroy(),
              () => {},
            );
        },
        () => {},
      );
  });
  const proxy = await startCompared(t, [...good, closing]);
  const received = await converse(t, proxy, repeat(40, get('/')));
  assert.equal(received.match(/HTTP\/1\.1 200/g)?.length, 40);
  const [endpoint] = (proxy.worker.core.pool.lookupSet('test/web:80')?.eligible ?? []).filter(
    ({ port }) => port === closing,
  );
  assert.equal(endpoint?.meter?.bad, 0);
  assert.equal(endpoint?.meter?.waiting, 0);
  assert.ok(proxy.worker.core.counters.retries > 0);
});
