// Which coding a response gets, and what its head says then. Nothing that somebody coded, cut, signed or wants left alone is touched.
import type { CodingSettings, CompressionSettings, FieldPattern } from '../../model/index.ts';
import { compileLinearRegex, type LinearRegex, maxRequestSteps } from '../../std/linear-regex/index.ts';
import { isGrpcType, mediaTypeOf } from '../../wire/grpc/status.ts';
import { codingQuality } from '../../wire/http1/accept-encoding.ts';
import { lookupField, lookupValues, mapField, removeField } from '../../wire/http1/field-value.ts';
import type { RequestHead } from '../../wire/http1/request-head.ts';
import type { ResponseHead } from '../../wire/http1/response-head.ts';

export type CodingName = 'gzip' | 'br';

export interface Coding {
  readonly name: CodingName;
  readonly level: number;
}

interface CompiledCoding extends Coding {
  readonly minBytes: number;
  readonly types: ReadonlySet<string>;
}

export interface Compression {
  readonly gzip: CompiledCoding | null;
  readonly brotli: CompiledCoding | null;
  readonly gzipDisabledFor: readonly LinearRegex[];
}

/** As nginx: other statuses are rare, short, or no representation of anything. */
const statuses: ReadonlySet<number> = new Set([200, 403, 404]);
/** Say something of the bytes that a coding would change. */
const digests = ['content-digest', 'repr-digest', 'digest', 'content-md5'] as const;

/** Null: nothing is compressed. */
export function compileCompression({ gzip, brotli }: CompressionSettings): Compression | null {
  if (gzip === null && brotli === null) return null;
  return {
    gzip: gzip === null ? null : compileCoding('gzip', gzip),
    brotli: brotli === null ? null : compileCoding('br', brotli),
    gzipDisabledFor: compilePatterns(gzip?.disabledFor ?? []),
  };
}

function compileCoding(name: CodingName, { level, minBytes, types }: CodingSettings): CompiledCoding {
  return { name, level, minBytes, types: new Set(['text/html', ...types]) };
}

function compilePatterns(patterns: readonly FieldPattern[]): LinearRegex[] {
  return patterns.flatMap((each) => {
    if (each.kind === 'whole') return [];
    const compiled = compileLinearRegex(each.pattern, { ignoreCase: each.ignoresCase });
    return compiled.ok ? [compiled.regex] : [];
  });
}

/**
 * The coding of a response with a body; null: it goes as it is. `accepted`: the client's Accept-Encoding. The head says `Vary` wherever another
 * client might get another answer.
 */
export function chooseCoding(
  compression: Compression,
  request: RequestHead,
  accepted: readonly string[],
  head: ResponseHead,
): Coding | null {
  if (!statuses.has(head.status)) return null;
  const mediaType = mediaTypeOf(head.fields);
  const gzip = takes(compression.gzip, mediaType, head) ? compression.gzip : null;
  const brotli = takes(compression.brotli, mediaType, head) ? compression.brotli : null;
  if ((gzip === null && brotli === null) || isLeftAlone(head.fields, mediaType)) return null;
  varyByCoding(head);
  // What HTTP/1.0 gets would end with its connection only.
  if (request.minor === 0 || accepted.length === 0) return null;
  const gzipQuality =
    gzip === null || isDisabled(compression.gzipDisabledFor, request.userAgent)
      ? 0
      : codingQuality(accepted, 'gzip');
  const brotliQuality = brotli === null ? 0 : codingQuality(accepted, 'br');
  if (brotliQuality > 0 && brotliQuality >= gzipQuality) return brotli;
  return gzipQuality > 0 ? gzip : null;
}

function takes(coding: CompiledCoding | null, mediaType: string, head: ResponseHead): boolean {
  if (coding === null || mediaType === '') return false;
  if (head.framing === 'length' && head.contentLength < coding.minBytes) return false;
  return coding.types.has(mediaType) || coding.types.has('*');
}

function isLeftAlone(fields: string, mediaType: string): boolean {
  return (
    lookupField(fields, 'content-encoding') !== '' ||
    lookupField(fields, 'content-range') !== '' ||
    isGrpcType(mediaType) ||
    lookupValues(fields, 'cache-control').some((value) => /(?:^|,)\s*no-transform\s*(?:,|$)/i.test(value)) ||
    digests.some((name) => lookupField(fields, name) !== '')
  );
}

function isDisabled(patterns: readonly LinearRegex[], userAgent: string): boolean {
  // Too costly counts as found: the answer goes as it is, which suits everybody.
  return patterns.some((pattern) => pattern.searchWithin(userAgent, maxRequestSteps) !== false);
}

function varyByCoding(head: ResponseHead): void {
  const members = lookupValues(head.fields, 'vary').flatMap((value) => value.split(','));
  const isThere = members.some((member) => /^\s*(?:\*|accept-encoding)\s*$/i.test(member));
  if (!isThere) head.fields += 'Vary: Accept-Encoding\r\n';
}

/** The head of a response that is coded by us. */
export function sayCoding(head: ResponseHead, name: CodingName): void {
  const tag = lookupField(head.fields, 'etag');
  let fields = removeField(head.fields, 'accept-ranges');
  // The bytes are others now, what they mean is the same (RFC 9110 8.8.3.3).
  if (tag.startsWith('"'))
    fields = mapField(fields, 'etag', (value) => (value.startsWith('"') ? `W/${value}` : null));
  else if (tag !== '' && !tag.startsWith('W/')) fields = removeField(fields, 'etag');
  head.fields = `${fields}Content-Encoding: ${name}\r\n`;
  head.framing = 'chunked';
  head.contentLength = -1;
}
