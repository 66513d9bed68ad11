// The counters of passed-through hosts: they go with the host, once its connections have ended, and none is lost in the metrics.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { anyPort } from '../../src/proxy/listeners.ts';
import { type RawClient, startProxy, startUpstream, type TestProxy } from './harness.ts';
import { turnUntil } from './probe.ts';
import { makePatch, type TableSpec } from './table.ts';

const settings = { listen: { httpsPort: anyPort }, streams: { passesTls: true } };
const stream = 'tls/p.test';

/** By value of the label `stream`. */
function acceptedOf(proxy: TestProxy): Map<string, number> {
  const families = proxy.worker.collect().families;
  const family = families.find(({ name }) => name === 'sallyport_stream_connections_total');
  return new Map(family?.cells.map(({ labelValues: [name = ''], value }) => [name, value]));
}

test('counters stay while the host is there or a connection is open, and go then', async (t) => {
  const upstreams: RawClient[] = [];
  const port = await startUpstream(t, (upstream) => upstreams.push(upstream));
  const spec: TableSpec = {
    hosts: { 'p.test': [{ upstream: 'tls' }] },
    upstreams: { tls: [port] },
    passthrough: { 'p.test': { upstream: 'tls' } },
  };
  const proxy = await startProxy(t, spec, settings);
  const { worker } = proxy;
  const socket = connect({ port: proxy.tlsPort, host: '127.0.0.1', servername: 'p.test' });
  socket.on('error', () => {});
  t.after(() => socket.destroy());
  await turnUntil(() => worker.streams.counters.get(stream)?.active === 1, 'a connection');
  await turnUntil(() => upstreams.length === 1, 'the endpoint');
  worker.apply(makePatch(spec, 2));
  worker.apply({ ...makePatch({ hosts: {} }, 3), hosts: { set: [], removed: ['p.test'] } });
  assert.deepEqual([...acceptedOf(proxy)], [[stream, 1]]);
  upstreams[0]?.socket.resetAndDestroy();
  await turnUntil(() => worker.streams.size === 0, 'its end');
  worker.apply(makePatch({ hosts: { 'a.test': [{ status: 204 }] } }, 4));
  assert.deepEqual([...worker.streams.counters.keys()], []);
  assert.deepEqual([...acceptedOf(proxy)], []);
});

test('streams beyond those that have series of their own are counted together', async (t) => {
  const proxy = await startProxy(t, { hosts: {} }, settings);
  for (let index = 0; index < 250; index += 1)
    proxy.worker.streams.countersOf(`tls/${index}.test`).accepted = 2;
  for (let round = 0; round < 2; round += 1) {
    const values = [...acceptedOf(proxy).values()];
    assert.equal(
      values.reduce((sum, value) => sum + value, 0),
      500,
    );
    assert.ok(values.length <= 200);
  }
});
