// Reads manifest texts: regular files at once, streams (standard input, a pipe) to their end. Bounded in size.
import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/**
 * Largest manifest, bytes: some 15,000 Ingresses. A text is parsed in one go, for which a syntax tree of a hundred times its size
 * is built; 8 MiB take seconds and some 600 MiB.
 */
export const maxManifestBytes = 8 * 1024 * 1024;

/** A text and its fingerprint (of content, no security rests on it). */
export interface ManifestText {
  readonly text: string;
  readonly textHash: string;
}

export function manifestText(bytes: Buffer): ManifestText {
  if (!isUtf8(bytes)) throw new Error('the content is not UTF-8 text');
  return { text: bytes.toString('utf8'), textHash: hash('sha1', bytes, 'base64') };
}

/**
 * The text of a regular file; null when there is none at this path. Throws when it cannot be read or is too large.
 * Opened without blocking: a pipe that took the file's place would otherwise stop the process.
 */
export function readRegularFile(path: string): ManifestText | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return null;
    if (stat.size > maxManifestBytes) throw new Error(tooLarge(stat.size));
    return manifestText(readFileSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

/** Reads a stream to its end. */
export async function readStream(stream: AsyncIterable<Buffer | string>): Promise<ManifestText> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    const buffer = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    bytes += buffer.length;
    if (bytes > maxManifestBytes) throw new Error(tooLarge(bytes));
    chunks.push(buffer);
  }
  return manifestText(Buffer.concat(chunks));
}

function tooLarge(bytes: number): string {
  return `the content has ${bytes} bytes or more, at most ${maxManifestBytes} are read`;
}

function isAbsent(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
