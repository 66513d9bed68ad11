// Messages of gRPC's health service: their bytes, fields of other versions, and everything that is none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readHealthStatus, renderHealthCheck, serving } from './health.ts';

function frame(...message: number[]): Buffer {
  return Buffer.from([0, 0, 0, 0, message.length, ...message]);
}

test('the request names the service, or nothing', () => {
  assert.deepEqual(renderHealthCheck(''), frame());
  assert.deepEqual(renderHealthCheck('ab'), frame(0x0a, 2, 0x61, 0x62));
  const long = renderHealthCheck('x'.repeat(256));
  assert.deepEqual([...long.subarray(0, 8)], [0, 0, 0, 1, 3, 0x0a, 0x80, 2]);
  assert.equal(long.length, 5 + 3 + 256);
});

test('the status of a response, the last one where there are two, whatever else there is', () => {
  assert.equal(readHealthStatus(frame(8, 1)), serving);
  assert.equal(readHealthStatus(frame(8, 2)), 2);
  assert.equal(readHealthStatus(frame()), 0);
  assert.equal(readHealthStatus(frame(8, 2, 8, 1)), 1);
  // A text, a 64-bit and a 32-bit number, and a varint of another number.
  assert.equal(
    readHealthStatus(
      frame(0x12, 2, 8, 8, 0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x25, 1, 2, 3, 4, 8, 1, 0x30, 0x80, 1),
    ),
    1,
  );
  assert.equal(
    readHealthStatus(frame(8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1)),
    4_294_967_295,
  );
});

test('what is no response is null', () => {
  const bad = [
    Buffer.alloc(0),
    Buffer.from([0, 0, 0, 0]),
    Buffer.from([1, 0, 0, 0, 2, 8, 1]),
    Buffer.from([0, 0, 0, 0, 3, 8, 1]),
    Buffer.from([0, 0, 0, 0, 1, 8, 1]),
    frame(8),
    frame(8, 0x80),
    frame(0x12, 5, 1),
    frame(0x0b, 1),
    frame(8, ...Array.from({ length: 11 }, () => 0x80)),
    Buffer.from('HTTP/1.1 200 OK'),
  ];
  for (const bytes of bad) assert.equal(readHealthStatus(bytes), null, bytes.toString('hex'));
});

test('no bytes make it throw or run on', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const status = readHealthStatus(frame(...bytes));
      assert.ok(status === null || status >= 0);
    }),
  );
});
