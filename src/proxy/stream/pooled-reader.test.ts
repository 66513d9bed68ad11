// The reader's buffers: none is read into while a write still holds it, and reads that fill one lead to larger ones.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { BufferPool } from '../buffer-pool.ts';
import { PooledReader, ReaderPools } from './pooled-reader.ts';

const largeBytes = 262_144;

/** A socket that takes everything at once. */
function takesAll(): Socket {
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
  return sink as unknown as Socket;
}

test('a buffer that a write holds is not read into, and comes back when it is written', async () => {
  const pools = new ReaderPools(new BufferPool(largeBytes, 4));
  const reader = new PooledReader(pools);
  const written = Promise.withResolvers<void>();
  // Takes nothing before it is told.
  const sink = new Writable({ write: (_chunk, _encoding, done) => void written.promise.then(() => done()) });
  const slow = sink as unknown as Socket;
  const first = reader.bytes;
  first.fill(1);
  reader.passOn(100, slow);
  const second = reader.bytes;
  assert.notEqual(second, first);
  reader.passOn(100, slow);
  assert.notEqual(reader.bytes, first);
  assert.notEqual(reader.bytes, second);
  assert.equal(slow.writableLength, 200);
  written.resolve();
  await new Promise<void>((resolve) => sink.end(resolve));
  const given = [pools.small.take().bytes, pools.small.take().bytes];
  assert.ok(given.includes(first) && given.includes(second));
});

test('a buffer whose bytes are gone is read into again', () => {
  const reader = new PooledReader(new ReaderPools(new BufferPool(largeBytes, 4)));
  const { bytes } = reader;
  for (let count = 0; count < 5; count += 1) reader.passOn(100, takesAll());
  assert.equal(reader.bytes, bytes);
});

test('reads that fill the buffer get a large one, until little comes', () => {
  const reader = new PooledReader(new ReaderPools(new BufferPool(largeBytes, 4)));
  const small = reader.bytes.length;
  assert.ok(small < largeBytes);
  const sizes = [small, largeBytes, small + 1, largeBytes, small, 1, 1].map((length) => {
    reader.passOn(length, takesAll());
    return reader.bytes.length;
  });
  assert.deepEqual(sizes, [largeBytes, largeBytes, largeBytes, largeBytes, small, small, small]);
});
