// The trailer section of a chunked body (rules T1 to T3, L5): scanned with the same rules as a head's fields, and reduced to the lines that a
// trailer may carry. What frames, routes, authorises, describes content, belongs to one hop or to the proxy is dropped.
import { lowerAscii, tokenFold } from './bytes.ts';
import { isToken, trimBlanks } from './connection-options.ts';
import { type FieldFault, FieldLines, keptLines } from './field-lines.ts';
import { FIELD_DROP, FieldNames } from './field-names.ts';
import { type Refusal, refusals } from './refusal.ts';
import { droppedPrefixes } from './request-fields.ts';

/** RFC 9110 6.5.1: fields that must not be taken from a trailer, by their purpose. */
const droppedNames: readonly string[] = [
  // framing and routing
  'content-length transfer-encoding host trailer te expect max-forwards',
  // this hop
  'connection keep-alive proxy-connection upgrade http2-settings',
  // who asks, and state
  'authorization proxy-authorization proxy-authenticate www-authenticate authentication-info',
  'proxy-authentication-info cookie set-cookie strict-transport-security',
  // how to read the content
  'content-encoding content-type content-range content-disposition content-location',
  // conditions and control
  'cache-control expires date age vary location retry-after pragma range accept accept-encoding',
  'if-match if-none-match if-modified-since if-unmodified-since if-range',
  // what only the proxy may say, and what identifies the client
  'forwarded x-real-ip x-scheme x-code x-request-id proxy user-agent referer origin',
  'ssl-client-verify ssl-client-subject-dn ssl-client-issuer-dn ssl-client-cert',
].flatMap((line) => line.split(' '));

const trailerNames = new FieldNames({
  names: new Map(droppedNames.map((name) => [name, FIELD_DROP])),
  dropPrefixes: droppedPrefixes,
  framing: [],
  underscores: 'drop',
});

/** Names that one message may announce, as many as fields may come. */
const maxAnnounced = 32;

/** The names of a `Trailer` field (RFC 9110 6.6.2) that a trailer may carry, in lower case. Who announces too much announces nothing. */
export function announcedNames(value: string): string[] {
  if (value === '') return [];
  const names = value
    .split(',')
    .map((member) => lowerAscii(trimBlanks(member)))
    .filter((name) => name !== '');
  return names.length > maxAnnounced ? [] : names.filter((name) => isToken(name) && mayTrail(name));
}

function mayTrail(name: string): boolean {
  const bytes = Buffer.from(name, 'latin1');
  let flags = 0;
  for (const byte of bytes) flags |= tokenFold[byte] ?? 0;
  return trailerNames.lookup(bytes, 0, bytes.length, flags) !== FIELD_DROP;
}

const faultRefusals: Readonly<Record<FieldFault, Refusal>> = {
  none: refusals['trailer-syntax'],
  'line-end': refusals['trailer-line-end'],
  'too-many': refusals['trailers-too-large'],
  'line-too-long': refusals['trailers-too-large'],
  'section-too-large': refusals['trailers-too-large'],
  folded: refusals['trailer-syntax'],
  name: refusals['trailer-syntax'],
  'name-too-long': refusals['trailers-too-large'],
  value: refusals['trailer-syntax'],
};

/** Gathers a trailer section that may arrive in pieces. */
export class TrailerFields {
  /** The accepted lines, `Name: value\r\n` each. */
  text = '';
  refusal: Refusal | null = null;
  readonly #lines: FieldLines;
  readonly #maxBytes: number;
  /** Bytes of earlier pieces. */
  #held: Buffer | null = null;
  #retryAt = 0;

  constructor(maxBytes: number, maxFields: number) {
    this.#lines = new FieldLines({
      names: trailerNames,
      maxLineBytes: maxBytes,
      maxNameBytes: maxBytes,
      maxFields,
    });
    this.#maxBytes = maxBytes;
  }

  reset(): void {
    this.text = '';
    this.refusal = null;
    this.#held = null;
    this.#retryAt = 0;
  }

  /** Adds `buffer[start, end)`. Returns the position behind the section's empty line, 0 when all was taken and more is needed, or -1. */
  add(buffer: Buffer, start: number, end: number): number {
    const held = this.#held;
    if (held === null) return this.#scan(buffer, start, end);
    // The section is bounded, and so is what is joined here: more than its limit is never looked at.
    const taken = Math.min(end, start + this.#maxBytes + 2);
    const piece = buffer.subarray(start, taken);
    const joined = Buffer.concat([held, piece]);
    if (joined.length < this.#retryAt && !piece.includes(0x0a)) {
      this.#held = joined;
      return 0;
    }
    const position = this.#scan(joined, 0, joined.length);
    return position > 0 ? start + (position - held.length) : position;
  }

  #scan(buffer: Buffer, start: number, end: number): number {
    const next = this.#lines.scan(buffer, start, end, start + this.#maxBytes);
    if (next < 0) {
      this.refusal = faultRefusals[this.#lines.fault];
      return -1;
    }
    if (next === 0) {
      // A copy: the piece belongs to a socket's buffer.
      this.#held = Buffer.from(buffer.subarray(start, end));
      this.#retryAt = this.#lines.retryPosition - start;
      return 0;
    }
    this.text = keptLines(buffer.toString('latin1', start, next), start, this.#lines, start, Infinity);
    this.#held = null;
    return next;
  }
}
