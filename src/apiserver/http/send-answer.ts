// An ApiResponse on its way to its client: status, fields, and the body in pieces, as fast as the client takes them.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { createGzip, constants as zlibConstants } from 'node:zlib';
import type { BytesResponse, ValueResponse } from '../rest/api-request.ts';
import { acceptsGzip, encodingTypes, type Encoding } from './negotiate.ts';
import { renderValue } from './render-value.ts';
import { renderWarnings } from './warning-fields.ts';

export interface AnswerOptions {
  readonly encoding: Encoding;
  readonly isPretty: boolean;
  /** For the client to take all of it; then the connection is cut. */
  readonly responseMs: number;
}

/** Smaller answers go out whole and plain; kube-apiserver compresses from here on too. */
const streamFromCharacters = 128 * 1024;
/** Of one write of a longer answer; others get their turn before the next. */
const pieceCharacters = 64 * 1024;
/** Rendering YAML takes thirty times as long as JSON: a turn also ends by time. */
const pieceMs = 5;

/** Resolves when the client has all of it or is gone. */
export async function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  answer: ValueResponse | BytesResponse,
  options: AnswerOptions,
): Promise<void> {
  setFields(response, answer);
  if (isKnownToClient(request, response, answer.status)) {
    response.statusCode = 304;
    return finish(response);
  }
  response.statusCode = answer.status;
  if (answer.kind === 'bytes') {
    response.setHeader('Content-Type', answer.contentType);
    return await sendBody(request, response, [answer.bytes], answer.bytes.length, options);
  }
  const { contentType = encodingTypes[options.encoding] } = answer;
  response.setHeader('Content-Type', contentType);
  const encoding = contentType.startsWith(encodingTypes.yaml) ? 'yaml' : 'json';
  const pieces = renderValue(answer.value, { ...options, encoding })[Symbol.iterator]();
  const first = takePieces(pieces, streamFromCharacters, Infinity);
  if (!first.isLast) return await sendBody(request, response, batches(first.text, pieces), null, options);
  const bytes = Buffer.from(first.text);
  return await sendBody(request, response, [bytes], bytes.length, options);
}

function setFields(response: ServerResponse, answer: ValueResponse | BytesResponse): void {
  response.setHeader('Cache-Control', 'no-cache, private');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  const warnings = answer.kind === 'value' ? renderWarnings(answer.warnings) : [];
  if (warnings.length > 0) response.setHeader('Warning', warnings);
}

/** The client has the answer with this ETag already (RFC 9110 13.1.2). */
function isKnownToClient(request: IncomingMessage, response: ServerResponse, status: number): boolean {
  const etag = response.getHeader('etag');
  const known = request.headers['if-none-match'];
  if (status !== 200 || typeof etag !== 'string' || known === undefined) return false;
  return known.split(',').some((entry) => entry.trim().replace(/^W\//, '') === etag || entry.trim() === '*');
}

interface Pieces {
  readonly text: string;
  readonly isLast: boolean;
}

function takePieces(pieces: Iterator<string, unknown>, characters: number, ms: number): Pieces {
  let text = '';
  const endMs = performance.now() + ms;
  while (text.length < characters && performance.now() < endMs) {
    const next = pieces.next();
    if (next.done === true) return { text, isLast: true };
    text += next.value;
  }
  return { text, isLast: false };
}

async function* batches(first: string, pieces: Iterator<string, unknown>): AsyncGenerator<Buffer> {
  yield Buffer.from(first);
  for (let isLast = false; !isLast; ) {
    await new Promise((resolve) => setImmediate(resolve));
    const batch = takePieces(pieces, pieceCharacters, pieceMs);
    isLast = batch.isLast;
    if (batch.text !== '') yield Buffer.from(batch.text);
  }
}

/** `size` null: not known before the end. */
async function sendBody(
  request: IncomingMessage,
  response: ServerResponse,
  body: readonly Uint8Array[] | AsyncIterable<Buffer>,
  size: number | null,
  options: AnswerOptions,
): Promise<void> {
  const field = request.headers['accept-encoding'];
  const isLarge = size === null || size > streamFromCharacters;
  const isCompressed = isLarge && acceptsGzip(Array.isArray(field) ? field.join(',') : (field ?? ''));
  if (isLarge) response.appendHeader('Vary', 'Accept-Encoding');
  if (isCompressed) response.setHeader('Content-Encoding', 'gzip');
  else if (size !== null) response.setHeader('Content-Length', size);
  const [only] = Array.isArray(body) ? body : [];
  if (only !== undefined && !isCompressed) return finish(response, only, options.responseMs);
  const deadline = setTimeout(() => response.destroy(), options.responseMs).unref();
  try {
    // The fastest level: bytes are cheap between a client and a server that are near each other.
    if (isCompressed) await pipeline(body, createGzip({ level: zlibConstants.Z_BEST_SPEED }), response);
    else await pipeline(body, response);
  } catch (error) {
    // A client that left; anything else is ours.
    if (!response.destroyed) throw error;
  } finally {
    clearTimeout(deadline);
  }
}

function finish(response: ServerResponse, body?: Uint8Array, responseMs: number = 0): void {
  if (body !== undefined && body.length > streamFromCharacters) {
    const deadline = setTimeout(() => response.destroy(), responseMs).unref();
    response.once('close', () => clearTimeout(deadline));
  }
  response.end(body);
}
