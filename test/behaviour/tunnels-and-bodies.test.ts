// Upgrades, expectations, early answers and limits on bodies.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { okResponse, RawClient, startAnswering, startProxy, startUpstream } from './harness.ts';

const upgrade =
  'GET /ws HTTP/1.1\r\nHost: a.test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n';

test('an upgrade becomes a tunnel, bytes behind the head included, and a half-close is passed on', async (t) => {
  let head = '';
  const port = await startUpstream(t, (upstream) => {
    upstream
      .until((text) => text.includes('\r\n\r\n'))
      .then(async (text) => {
        head = text;
        upstream.send(
          'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello',
        );
        await upstream.until((all) => all.endsWith('early-late'));
        upstream.send('bye');
        upstream.socket.end();
      })
      .catch(() => {});
  });
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  const client = await RawClient.open(t, proxy.port);
  client.send(`${upgrade}early-`);
  await client.until((text) => text.endsWith('hello'));
  assert.ok(!head.includes('early-') && /\r\nConnection: upgrade\r\nUpgrade: websocket\r\n/.test(head));
  client.send('late');
  assert.ok((await client.untilClosed()).endsWith('hellobye'));
  client.socket.end();
});

test('a 101 that was not asked for is 502; an ordinary answer to an upgrade is relayed', async (t) => {
  const port = await startAnswering(t, (request) =>
    request.includes('/bad')
      ? 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'
      : okResponse('no upgrade'),
  );
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  const client = await RawClient.open(t, proxy.port);
  client.send('GET /bad HTTP/1.1\r\nHost: a.test\r\n\r\n');
  assert.match(await client.responses(1), /^HTTP\/1\.1 502 /);
  client.send(upgrade);
  assert.match(await client.responses(2), /200 OK[^]*no upgrade$/);
});

test('Expect: 100-continue is answered when the body is about to be read, and not forwarded', async (t) => {
  let head = '';
  const port = await startUpstream(t, (upstream) => {
    upstream
      .until((text) => text.endsWith('body'))
      .then((text) => {
        head = text;
        upstream.send(okResponse('done'));
      })
      .catch(() => {});
  });
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  const client = await RawClient.open(t, proxy.port);
  client.send('PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n');
  await client.until((text) => text === 'HTTP/1.1 100 Continue\r\n\r\n');
  client.send('body');
  await client.until((text) => text.endsWith('done'));
  assert.ok(!/expect/i.test(head));
});

test('a refused body: no 100, 413, close; a chunked one is cut off when the count passes the limit', async (t) => {
  let wasComplete = false;
  const port = await startUpstream(t, (upstream) => {
    upstream
      .until((text) => text.endsWith('0\r\n\r\n'))
      .then(
        () => (wasComplete = true),
        () => {},
      );
  });
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web', policies: { 'body-size': { maxBodyBytes: 10 } } }] },
    upstreams: { web: [port] },
  });
  const declared = await RawClient.open(t, proxy.port);
  declared.send('PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n');
  assert.match(await declared.untilClosed(), /^HTTP\/1\.1 413 [^]*Connection: close/);
  const chunked = await RawClient.open(t, proxy.port);
  chunked.send('PUT / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n');
  chunked.send('8\r\n12345678\r\n0\r\n\r\n');
  assert.match(await chunked.untilClosed(), /^HTTP\/1\.1 413 [^]*Connection: close/);
  assert.equal(wasComplete, false);
});

test('an answer before the end of the request is relayed at once and ends the connection', async (t) => {
  const port = await startUpstream(t, (upstream) => {
    upstream
      .until((text) => text.includes('\r\n\r\n'))
      .then(
        () => upstream.send(okResponse('early')),
        () => {},
      );
  });
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  const client = await RawClient.open(t, proxy.port);
  client.send('POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100\r\n\r\nabc');
  assert.match(await client.untilClosed(), /^HTTP\/1\.1 200 OK[^]*Connection: close\r\n[^]*early$/);
});

test('a small unread body is thrown away and the connection serves on', async (t) => {
  const proxy = await startProxy(t, { hosts: { 'a.test': [{ status: 404 }] } });
  const client = await RawClient.open(t, proxy.port);
  client.send('POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 20\r\n\r\n0123456789');
  await client.responses(1);
  client.send('0123456789GET /second HTTP/1.1\r\nHost: a.test\r\n\r\n');
  const text = await client.responses(2);
  assert.equal(text.match(/404 Not Found\r\n/g)?.length, 2);
  assert.equal((await proxy.log()).length, 2);
});

test('HTTP/1.0: no chunks, closes unless keep-alive was asked and the length is known', async (t) => {
  const port = await startAnswering(t, (request) =>
    request.includes('/chunked')
      ? 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'
      : okResponse('len'),
  );
  const proxy = await startProxy(t, { hosts: { '': [{ upstream: 'web' }] }, upstreams: { web: [port] } });
  const client = await RawClient.open(t, proxy.port);
  client.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
  assert.match(await client.responses(1), /Connection: keep-alive\r\n\r\nlen$/);
  client.send('GET /chunked HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
  const text = await client.untilClosed();
  assert.match(text, /Connection: close\r\n\r\nabc$/);
  assert.ok(!text.includes('chunked'));
});
