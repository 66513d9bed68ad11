// Settings of the table that go before the flags of the start: followed while the worker runs, by open connections too.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  type ArrivalSettings,
  defaultArrivalSettings,
  defaultTrafficSettings,
  type FlagOverrides,
  type TrafficSettings,
} from '../../src/model/index.ts';
import {
  getRequest,
  okResponse,
  passTime,
  RawClient,
  startAnswering,
  startProxy,
  startUpstream,
  type TestProxy,
} from './harness.ts';
import { makePatch } from './table.ts';

let version = 1;

function follow(
  proxy: TestProxy,
  change: { readonly arrivals?: Partial<ArrivalSettings>; readonly traffic?: Partial<TrafficSettings> },
): void {
  version += 1;
  proxy.worker.apply({
    ...makePatch({ hosts: {} }, version),
    ...(change.arrivals && { arrivals: { ...defaultArrivalSettings, ...change.arrivals } }),
    ...(change.traffic && { traffic: { ...defaultTrafficSettings, ...change.traffic } }),
  });
}

function overrides(change: Partial<FlagOverrides>): { readonly traffic: Partial<TrafficSettings> } {
  return { traffic: { overrides: { ...defaultTrafficSettings.overrides, ...change } } };
}

interface Echo {
  readonly proxy: TestProxy;
  /** The head that the endpoint gets for these field lines. */
  readonly ask: (fields: string) => Promise<string>;
}

async function startEcho(t: TestContext): Promise<Echo> {
  let seen = '';
  const port = await startAnswering(t, (request) => {
    seen = request;
    return okResponse('ok');
  });
  const proxy = await startProxy(t, {
    hosts: { '': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  return {
    proxy,
    async ask(fields) {
      const client = await RawClient.open(t, proxy.port);
      client.send(`GET / HTTP/1.1\r\nHost: a.test\r\n${fields}\r\n`);
      await client.responses(1);
      return seen;
    },
  };
}

const said =
  'X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.test\r\nX-Forwarded-Port: 8443\r\n';
const loopback = ['127.0.0.0/8'];

test('forwarded fields are believed as soon as the settings say so, and no longer than that', async (t) => {
  const { proxy, ask } = await startEcho(t);
  assert.match(await ask(said), /\r\nX-Forwarded-For: 127\.0\.0\.1\r\n/);
  follow(proxy, { arrivals: { trustsForwarded: true, trustedCidrs: loopback, appendsFor: true } });
  const believed = await ask(said);
  assert.match(believed, /\r\nX-Forwarded-For: 192\.0\.2\.7, 127\.0\.0\.1\r\n/);
  assert.match(believed, /\r\nX-Forwarded-Proto: https\r\n/);
  assert.match(believed, /\r\nHost: shop\.test\r\n/);
  follow(proxy, { arrivals: { trustsForwarded: true, trustedCidrs: ['10.0.0.0/8'] } });
  assert.match(await ask(said), /\r\nX-Forwarded-For: 127\.0\.0\.1\r\n/);
});

test('of the real address alone a peer is believed, whatever else it says', async (t) => {
  const { proxy, ask } = await startEcho(t);
  follow(proxy, { arrivals: { takesRealIp: true, trustedCidrs: loopback, appendsFor: true } });
  const seen = await ask(said);
  assert.match(seen, /\r\nX-Real-IP: 192\.0\.2\.7\r\n/);
  assert.match(seen, /\r\nX-Forwarded-For: 192\.0\.2\.7\r\n/);
  assert.match(seen, /\r\nX-Forwarded-Proto: http\r\n/);
  assert.match(seen, /\r\nHost: a\.test\r\n/);
  assert.doesNotMatch(seen, /X-Forwarded-Port: 8443/);
});

test('the address is read in the field that the settings name, and in no other', async (t) => {
  const { proxy, ask } = await startEcho(t);
  const trust = { trustsForwarded: true, trustedCidrs: loopback };
  follow(proxy, { arrivals: { ...trust, forwardedForName: 'cf-connecting-ip' } });
  const seen = await ask(`${said}CF-Connecting-IP: 198.51.100.9\r\n`);
  assert.match(seen, /\r\nX-Real-IP: 198\.51\.100\.9\r\n/);
  assert.match(await ask(said), /\r\nX-Real-IP: 127\.0\.0\.1\r\n/);
  follow(proxy, { arrivals: { ...trust, forwardedForName: 'x-real-ip' } });
  assert.match(await ask(`${said}X-Real-IP: 203.0.113.4\r\n`), /\r\nX-Real-IP: 203\.0\.113\.4\r\n/);
});

test('fields with underscores pass while the settings let them, but none that stands for one of ours', async (t) => {
  const { proxy, ask } = await startEcho(t);
  const fields = 'my_token: 1\r\nX_Forwarded_For: 6.6.6.6\r\n';
  assert.doesNotMatch(await ask(fields), /my_token/);
  follow(proxy, { traffic: { keepsUnderscores: true } });
  const seen = await ask(fields);
  assert.match(seen, /\r\nmy_token: 1\r\n/);
  assert.doesNotMatch(seen, /X_Forwarded_For/);
  follow(proxy, { traffic: {} });
  assert.doesNotMatch(await ask(fields), /my_token/);
});

test('an open connection counts its requests against the settings of the present', async (t) => {
  const { proxy } = await startEcho(t);
  const client = await RawClient.open(t, proxy.port);
  client.send(getRequest);
  await client.responses(1);
  follow(proxy, overrides({ limits: { maxRequestsPerConnection: 2 } }));
  client.send(getRequest);
  assert.match(await client.untilClosed(), /Connection: close/);
});

test('an idle connection waits as long as the settings say', async (t) => {
  const { proxy } = await startEcho(t);
  follow(proxy, overrides({ timeouts: { keepAliveMs: 200_000 } }));
  const client = await RawClient.open(t, proxy.port);
  client.send(getRequest);
  await client.responses(1);
  passTime(proxy, 150_000);
  client.send(getRequest);
  await client.responses(2);
  passTime(proxy, 600_000);
  await client.untilClosed();
});

test('heads are bounded by what the settings say', async (t) => {
  const { proxy, ask } = await startEcho(t);
  follow(proxy, overrides({ limits: { maxFieldLineBytes: 16_384, maxFieldsBytes: 65_536 } }));
  assert.match(await ask(`X-Long: ${'a'.repeat(12_000)}\r\n`), /X-Long: a{12000}\r\n/);
  follow(proxy, overrides({ limits: { maxFieldLineBytes: 1_024 } }));
  const client = await RawClient.open(t, proxy.port);
  client.send(`GET / HTTP/1.1\r\nHost: a.test\r\nX-Long: ${'a'.repeat(2_000)}\r\n\r\n`);
  assert.match(await client.untilClosed(), /^HTTP\/1\.1 431 /);
});

test('no connection to an endpoint is kept once the settings want none', async (t) => {
  let connections = 0;
  const port = await startUpstream(t, (endpoint) => {
    connections += 1;
    const serve = async (): Promise<void> => {
      for (let served = 1; ; served += 1) {
        await endpoint.until((text) => text.split('\r\n\r\n').length > served);
        endpoint.send(okResponse('ok'));
      }
    };
    serve().catch(() => {});
  });
  const proxy = await startProxy(t, {
    hosts: { '': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  const client = await RawClient.open(t, proxy.port);
  for (let count = 1; count <= 2; count += 1) {
    client.send(getRequest);
    await client.responses(count);
  }
  assert.equal(connections, 1);
  follow(proxy, overrides({ pool: { maxIdlePerWorker: 0 } }));
  for (let count = 3; count <= 5; count += 1) {
    client.send(getRequest);
    await client.responses(count);
  }
  assert.equal(connections, 3, 'the idle one was used up, then each request has its own');
});
