// Any request that is taken from a client of HTTP/1.1 can be told to an HTTP/2 upstream: no name, value or query makes the codec throw, and what
// arrives is what was sent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RawClient, startProxy } from './harness.ts';
import { startHttp2Upstream } from './http2-upstream.ts';

const tokenBytes = Array.from(
  "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
);
const valueBytes = Array.from({ length: 224 }, (_, index) => String.fromCharCode(index + 32)).filter(
  (each) => each !== '\x7f',
);
const queryBytes = Array.from("abc0-._~!$&'()*+,;=:@/?%");

const name = fc.string({ unit: fc.constantFrom(...tokenBytes), minLength: 1, maxLength: 12 });
const value = fc.string({ unit: fc.constantFrom(...valueBytes), maxLength: 30 });
const query = fc.string({ unit: fc.constantFrom(...queryBytes), maxLength: 20 });

test('requests with any fields', async (t) => {
  let arrived: readonly string[] = [];
  const { port } = await startHttp2Upstream(t, (stream, _fields, raw) => {
    arrived = raw;
    stream.respond({ ':status': 200, 'content-length': 0 }, { endStream: true });
  });
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web', policies: { 'backend-protocol': 'h2c' } }] },
    upstreams: { web: [port] },
  });
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(name, value), { maxLength: 4 }), query, async (fields, text) => {
      arrived = [];
      const client = await RawClient.open(t, proxy.port);
      const lines = fields.map(([each, content]) => `x-${each}: ${content}\r\n`).join('');
      client.send(`GET /p?${text} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n${lines}\r\n`);
      const status = (await client.untilClosed()).slice(9, 12);
      client.socket.destroy();
      assert.match(status, /^(200|4..)$/);
      if (status !== '200') return;
      taken += 1;
      assert.equal(arrived[arrived.indexOf(':path') + 1], `/p?${text}`);
      for (const [each, content] of fields) {
        // Names with `_` are dropped on the way in, those of forwarders are our own.
        if (each.includes('_') || /^(forwarded|original|real|request|scheme|code)/i.test(each)) continue;
        const values = arrived.filter(
          (_, index) => index % 2 === 1 && arrived[index - 1] === `x-${each.toLowerCase()}`,
        );
        assert.ok(
          values.includes(content.replaceAll(/^ +| +$/g, '')),
          JSON.stringify([each, content, arrived]),
        );
      }
    }),
    { numRuns: 300 },
  );
  assert.ok(taken > 100, `${taken} requests were taken`);
  assert.equal(proxy.worker.core.counters.bugs, 0);
});
