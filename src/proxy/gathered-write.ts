// Gathered writes: a head, body bytes and framing leave in one system call.
import type { Socket } from 'node:net';
import { BufferPool, type PooledBuffer } from './buffer-pool.ts';

/** Up to this many body bytes are copied behind the head; more go out as a second piece of the same write. */
const coalesceBytes = 32_768;
/** Room for a coalesced body and an ordinary head. */
const scratchBytes = 40_960;

/**
 * What leaves at once is put together in one buffer that every write of the worker uses again. Only on plain sockets: a TLS write
 * is never over when it returns.
 */
const scratchPool = new BufferPool(scratchBytes, 1);
let scratch = scratchPool.take();

/**
 * Head (if any) and a slice of the owner's bytes. True: the slice's memory is still in use when this returns, and until the
 * owner's `onWritten`. `owner` null: bytes that never change.
 */
export function writeSlice(
  socket: Socket,
  headText: string,
  owner: PooledBuffer | null,
  buffer: Buffer,
  start: number,
  end: number,
): boolean {
  const length = end - start;
  if (headText !== '' && length <= coalesceBytes) {
    writeFramed(socket, headText, buffer, start, end, '');
    return false;
  }
  if (length === 0) return false;
  owner?.lend();
  if (headText === '') {
    socket.write(buffer.subarray(start, end), owner?.onWritten);
  } else {
    socket.cork();
    socket.write(headText, 'latin1');
    socket.write(buffer.subarray(start, end), owner?.onWritten);
    socket.uncork();
  }
  // Nothing left to write: the kernel has the bytes.
  return socket.writableLength > 0;
}

/** Text, a copy of `buffer[start,end)` and text, as one buffer. */
export function writeFramed(
  socket: Socket,
  before: string,
  buffer: Buffer,
  start: number,
  end: number,
  after: string,
): void {
  const length = end - start;
  if (length === 0) {
    socket.write(before + after, 'latin1');
    return;
  }
  const total = before.length + length + after.length;
  const isScratch = total <= scratchBytes && !('encrypted' in socket) && socket.writableLength === 0;
  const out = isScratch ? scratch.bytes.subarray(0, total) : Buffer.allocUnsafe(total);
  out.write(before, 0, 'latin1');
  buffer.copy(out, before.length, start, end);
  if (after !== '') out.write(after, before.length + length, 'latin1');
  socket.write(out);
  // The client does not take it at once: the scratch buffer belongs to this write now, and the next write takes another.
  if (isScratch && socket.writableLength > 0) scratch = scratchPool.take();
}
