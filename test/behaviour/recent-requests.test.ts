// What a worker remembers of its last requests: the same as its access log says of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getRequest, okResponse, RawClient, startAnswering, startProxy } from './harness.ts';

test('each request is remembered with its route, endpoint, status and reason', async (t) => {
  const port = await startAnswering(t, () => okResponse('served'));
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  const { recent } = proxy.worker.core.recorder;
  const client = await RawClient.open(t, proxy.port);
  client.send(getRequest.replace('\r\n\r\n', '\r\nX-Request-ID: mine-1\r\n\r\n'));
  await client.responses(1);
  client.send('GET / HTTP/1.1\r\nHost: nobody.test\r\nX-Request-ID: mine-2\r\n\r\n');
  await client.responses(2);
  const served = recent.find('mine-1');
  assert.equal(served?.status, 200);
  assert.equal(served.reason, '');
  assert.equal(served.attempts, 1);
  const lost = recent.find('mine-2');
  assert.deepEqual([lost?.status, lost?.attempts, lost?.addresses], [404, 0, '']);
  assert.equal(recent.find('mine-3'), null);
  assert.equal(served.addresses, `127.0.0.1:${port}`);
  const lines = await proxy.log();
  assert.deepEqual(
    lines.map((line) => line['req_id']),
    ['mine-1', 'mine-2'],
  );
  for (const line of lines) {
    const facts = recent.find(String(line['req_id']));
    assert.deepEqual(
      [facts?.status, facts?.routeId, facts?.reason],
      [Number(line['status']), line['route'], line['reason']],
    );
  }
});
