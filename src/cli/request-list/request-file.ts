// The bytes of a file of requests, unpacked where it is gzip, whatever its name; with how far the reading came.
import { createReadStream, statSync } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ByteStream } from '../manifest-input.ts';

const gzipMagic = 0x1f8b;

/** The file cannot be read, or breaks off; the message is complete. */
export class RequestFileError extends Error {
  override readonly name = 'RequestFileError';
}

export interface RequestFile {
  readonly bytes: ByteStream;
  /** Of the file as it lies there; 0: not known. */
  readonly sizeBytes: number;
  /** How many of these were read. */
  readonly readBytes: () => number;
}

/** `-`: standard input. Nothing is read before the bytes are asked for; then they may reject with RequestFileError. */
export function openRequestFile(path: string, stdin: ByteStream): RequestFile {
  const count = { bytes: 0 };
  const sizeBytes = path === '-' ? 0 : sizeOf(path);
  const source = path === '-' ? stdin : createReadStream(path, { highWaterMark: 256 * 1024 });
  return {
    bytes: explain(path, unpack(counted(source, count))),
    sizeBytes,
    readBytes: () => count.bytes,
  };
}

/** @throws {RequestFileError} there is no such file. */
function sizeOf(path: string): number {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw new RequestFileError(`cannot read requests from "${path}": it is a folder`);
    return stat.isFile() ? stat.size : 0;
  } catch (error) {
    throw error instanceof RequestFileError ? error : failureOf(path, error);
  }
}

function failureOf(path: string, error: unknown): RequestFileError {
  const reason = error instanceof Error ? error.message : String(error);
  return new RequestFileError(`cannot read requests from "${path}": ${reason}`);
}

async function* counted(source: ByteStream, count: { bytes: number }): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    count.bytes += bytes.length;
    yield bytes;
  }
}

/** Told by the first two bytes, which no text of a log has. */
async function* unpack(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const pieces = source[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < 2) {
    const next = await pieces.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const whole = prepend(head, pieces);
  yield* head.length >= 2 && head.readUInt16BE(0) === gzipMagic ? unzip(whole) : whole;
}

async function* prepend(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function unzip(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  // A failure on either side ends the other, and whoever reads is told.
  return pipeline(Readable.from(source), gunzip, () => {});
}

async function* explain(path: string, bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* bytes;
  } catch (error) {
    throw failureOf(path, error);
  }
}
