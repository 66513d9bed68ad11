// Gathered writes: a head, body bytes and framing leave in one system call.
import type { Socket } from 'node:net';

/** Up to this many body bytes are copied behind the head into one buffer; more go out as a second piece of the same write. */
const coalesceBytes = 32_768;

/** Head (if any) and `buffer[start,end)`. True: the buffer's memory is still in use when this returns. */
export function writeSlice(
  socket: Socket,
  headText: string,
  buffer: Buffer,
  start: number,
  end: number,
): boolean {
  const length = end - start;
  if (headText === '') {
    if (length > 0) socket.write(buffer.subarray(start, end));
  } else if (length === 0) {
    socket.write(headText, 'latin1');
    return false;
  } else if (length <= coalesceBytes) {
    writeFramed(socket, headText, buffer, start, end, '');
    return false;
  } else {
    socket.cork();
    socket.write(headText, 'latin1');
    socket.write(buffer.subarray(start, end));
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
  const out = Buffer.allocUnsafe(before.length + length + after.length);
  out.write(before, 0, 'latin1');
  buffer.copy(out, before.length, start, end);
  if (after !== '') out.write(after, before.length + length, 'latin1');
  socket.write(out);
}
