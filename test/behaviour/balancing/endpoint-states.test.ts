// Endpoints that terminate, and those of an external name, on real sockets.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint } from '../../../src/model/index.ts';
import { okResponse, RawClient, startProxy, startUpstream, type TestProxy } from '../harness.ts';
import { makePatch, makeUpstream } from '../table.ts';
import { ask, converse, get, repeat, startNumbered, tableOf } from './numbered.ts';

/** The endpoints as a slice says them: `ready` false is one that serves and terminates. */
function setEndpoints(
  proxy: TestProxy,
  version: number,
  states: readonly (readonly [port: number, ready: boolean])[],
): void {
  const endpoints = states.map(([port, ready]): Endpoint => ({ address: '127.0.0.1', port, ready }));
  const upstream = makeUpstream('web', { kind: 'endpoints', endpoints });
  proxy.worker.apply({ ...makePatch({ hosts: {} }, version), upstreams: { set: [upstream], removed: [] } });
}

test('an endpoint that terminates finishes its requests, also streams, and gets no new ones', async (t) => {
  const held = Promise.withResolvers<RawClient>();
  const leaving = await startUpstream(t, (upstream) => {
    upstream
      .until((text) => text.includes('\r\n\r\n'))
      .then(
        () => held.resolve(upstream),
        () => {},
      );
  });
  const [staying = 0] = await startNumbered(t, 1);
  const proxy = await startProxy(t, tableOf([leaving]));
  const client = await RawClient.open(t, proxy.port);
  client.send(get('/long'));
  const upstream = await held.promise;
  upstream.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst');
  await client.until((text) => text.endsWith('first'));
  setEndpoints(proxy, 2, [
    [leaving, false],
    [staying, true],
  ]);
  assert.deepEqual(await ask(t, proxy, repeat(4, get('/'))), ['u0', 'u0', 'u0', 'u0']);
  upstream.send('-last');
  assert.match(await client.responses(1), /first-last$/);
});

test('with none ready those that serve and terminate are used, until one is', async (t) => {
  const [one = 0, two = 0, fresh = 0] = await startNumbered(t, 3);
  const proxy = await startProxy(t, tableOf([one, two]));
  setEndpoints(proxy, 2, [
    [one, false],
    [two, false],
  ]);
  assert.deepEqual(new Set(await ask(t, proxy, repeat(4, get('/')))), new Set(['u0', 'u1']));
  setEndpoints(proxy, 3, [
    [one, false],
    [two, false],
    [fresh, true],
  ]);
  assert.deepEqual(new Set(await ask(t, proxy, repeat(4, get('/')))), new Set(['u2']));
  setEndpoints(proxy, 4, []);
  assert.match(await converse(t, proxy, [get('/')]), /^HTTP\/1\.1 503 /);
});

test('an external name: requests wait for its first resolution, and its addresses are endpoints', async (t) => {
  const port = await startUpstream(t, (upstream) => {
    upstream
      .until((text) => text.includes('\r\n\r\n'))
      .then(
        (text) => upstream.send(okResponse(/\r\nHost: ([^\r]*)/i.exec(text)?.[1] ?? '')),
        () => {},
      );
  });
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: { kind: 'dns', name: 'localhost', port } },
  });
  // The Host is the client's: what the name is called is told by `upstream-vhost` alone.
  assert.match(await converse(t, proxy, [get('/')]), /^HTTP\/1\.1 200 [^]*\r\n\r\na\.test$/);
  const ports = proxy.worker.core.pool.lookupSet('test/web:80')?.eligible.map((each) => each.port) ?? [];
  assert.ok(ports.length > 0 && ports.every((each) => each === port));
});

test('an external name leads to no address that no slice may have: this machine, its link', async (t) => {
  const port = await startUpstream(t, (upstream) => upstream.send(okResponse('own')));
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'own' }, { path: '/link', upstream: 'link' }] },
    upstreams: {
      own: { kind: 'dns', name: 'localhost', port, refusesLoopback: true },
      link: { kind: 'dns', name: '169.254.169.254', port },
    },
  });
  for (const path of ['/', '/link']) assert.match(await converse(t, proxy, [get(path)]), /^HTTP\/1\.1 503 /);
  for (const id of ['test/own:80', 'test/link:80'])
    assert.deepEqual(proxy.worker.core.pool.lookupSet(id)?.eligible, [], id);
});
