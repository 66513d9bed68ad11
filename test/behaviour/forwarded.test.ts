// Forwarded fields: what upstreams are told of the client, and whose word is taken for it.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type DeepPartial, okResponse, RawClient, startAnswering, startProxy } from './harness.ts';
import type { ProxySettings } from '../../src/model/index.ts';

async function seenFields(
  t: TestContext,
  forwarded: DeepPartial<ProxySettings['forwarded']>,
  fields: string,
): Promise<{ readonly seen: ReadonlyMap<string, string>; readonly client: string }> {
  let request = '';
  const port = await startAnswering(t, (text) => {
    request = text;
    return okResponse('ok');
  });
  const proxy = await startProxy(
    t,
    { hosts: { '': [{ upstream: 'web' }] }, upstreams: { web: [port] } },
    {
      forwarded: {
        trust: false,
        trustedCidrs: ['127.0.0.0/8', '10.0.0.0/8'],
        appendFor: false,
        ...forwarded,
      },
    },
  );
  const client = await RawClient.open(t, proxy.port);
  client.send(`GET / HTTP/1.1\r\nHost: a.test\r\n${fields}\r\n`);
  await client.responses(1);
  const lines = request.split('\r\n').slice(1, -2);
  const seen = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
  assert.equal(seen.size, lines.length, 'no field twice');
  const [entry] = await proxy.log();
  return { seen, client: String(entry?.['remote_addr']) };
}

const said =
  'X-Forwarded-For: 1.2.3.4, 10.1.1.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.test, other\r\nX-Forwarded-Port: 1234\r\n' +
  'X-Real-IP: 6.6.6.6\r\nX-Scheme: gopher\r\nForwarded: for=6.6.6.6\r\nX_Forwarded_For: 6.6.6.6\r\nProxy: evil\r\n';

test('an untrusted client is described by what we see, and its own words are kept apart', async (t) => {
  const { seen, client } = await seenFields(t, {}, said);
  assert.equal(client, '127.0.0.1');
  assert.equal(seen.get('x-real-ip'), '127.0.0.1');
  assert.equal(seen.get('x-forwarded-for'), '127.0.0.1');
  assert.equal(seen.get('x-forwarded-host'), 'a.test');
  assert.equal(seen.get('x-forwarded-proto'), 'http');
  assert.equal(seen.get('x-scheme'), 'http');
  assert.equal(seen.get('x-original-forwarded-for'), '1.2.3.4, 10.1.1.1');
  for (const gone of ['forwarded', 'x_forwarded_for', 'proxy']) assert.equal(seen.has(gone), false, gone);
});

test('a trusted forwarder is believed, right to left', async (t) => {
  const { seen, client } = await seenFields(t, { trust: true }, said);
  assert.equal(client, '1.2.3.4');
  assert.equal(seen.get('x-real-ip'), '1.2.3.4');
  assert.equal(seen.get('x-forwarded-for'), '1.2.3.4');
  assert.equal(seen.get('host'), 'shop.test');
  assert.equal(seen.get('x-forwarded-host'), 'shop.test');
  assert.equal(seen.get('x-forwarded-proto'), 'https');
  assert.equal(seen.get('x-forwarded-port'), '1234');
});

test('a trusted forwarder with the full list gets the peer appended', async (t) => {
  const { seen } = await seenFields(t, { trust: true, appendFor: true }, said);
  assert.equal(seen.get('x-forwarded-for'), '1.2.3.4, 10.1.1.1, 127.0.0.1');
});

test('what a trusted forwarder says must be what it claims to be', async (t) => {
  const { seen } = await seenFields(
    t,
    { trust: true },
    'X-Forwarded-Host: a b/../c\r\nX-Forwarded-Proto: http s\r\nX-Forwarded-Port: 99999999\r\nX-Forwarded-For: not-an-ip\r\n',
  );
  assert.equal(seen.get('host'), 'a.test');
  assert.equal(seen.get('x-forwarded-proto'), 'http');
  assert.match(seen.get('x-forwarded-port') ?? '', /^\d{4,5}$/);
  assert.equal(seen.get('x-forwarded-for'), '127.0.0.1');
});
