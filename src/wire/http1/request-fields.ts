// The fields of a request head that the proxy understands: their names, what becomes of each, and one walk over the scanned lines that
// captures values, counts the framing fields and cuts out the lines that do not go upstream (rules X1 to X6, B1 to B3).
import { equalsIgnoringCase } from './bytes.ts';
import { ConnectionOptions, trimBlanks } from './connection-options.ts';
import { type FieldLines, MARK_SIZE, dropNamedLines, keptLines } from './field-lines.ts';
import { FIELD_DROP, FIELD_FIRST_OWN, FIELD_FRAMING_ALIAS, FieldNames } from './field-names.ts';
import type { RequestHead, RequestHeadOptions } from './request-head.ts';

const HOST = FIELD_FIRST_OWN;
const CONTENT_LENGTH = HOST + 1;
const TRANSFER_ENCODING = HOST + 2;
const CONNECTION = HOST + 3;
const UPGRADE = HOST + 4;
const EXPECT = HOST + 5;
const TE = HOST + 6;
const REQUEST_ID = HOST + 7;
const FORWARDED_FOR = HOST + 8;
const FORWARDED_HOST = HOST + 9;
const FORWARDED_PROTO = HOST + 10;
const FORWARDED_PORT = HOST + 11;
const FORWARDED_SCHEME = HOST + 12;
const ORIGINAL_FORWARDED_FOR = HOST + 13;
const REAL_IP = HOST + 14;
const TRAILER = HOST + 15;
/** From here on the line is passed upstream, too. */
const FIRST_KEPT = HOST + 16;
const USER_AGENT = FIRST_KEPT;
const REFERER = FIRST_KEPT + 1;
const ACCEPT = FIRST_KEPT + 2;
const AUTHORIZATION = FIRST_KEPT + 3;

const ownNames: readonly (readonly [name: string, id: number])[] = [
  ['host', HOST],
  ['content-length', CONTENT_LENGTH],
  ['transfer-encoding', TRANSFER_ENCODING],
  ['connection', CONNECTION],
  ['upgrade', UPGRADE],
  ['expect', EXPECT],
  ['te', TE],
  ['x-request-id', REQUEST_ID],
  ['x-forwarded-for', FORWARDED_FOR],
  ['x-forwarded-host', FORWARDED_HOST],
  ['x-forwarded-proto', FORWARDED_PROTO],
  ['x-forwarded-port', FORWARDED_PORT],
  ['x-forwarded-scheme', FORWARDED_SCHEME],
  ['x-original-forwarded-for', ORIGINAL_FORWARDED_FOR],
  ['x-real-ip', REAL_IP],
  ['trailer', TRAILER],
  ['user-agent', USER_AGENT],
  ['referer', REFERER],
  ['accept', ACCEPT],
  ['authorization', AUTHORIZATION],
];

/** Hop-by-hop names (B1) and names that only the proxy may say (X2, X5). */
const droppedNames: readonly string[] = [
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'http2-settings',
  'forwarded',
  'x-scheme',
  'x-code',
  'proxy',
];

/** Families that only the proxy may say (X2). */
export const droppedPrefixes: readonly string[] = ['x-forwarded-', 'x-original-', 'ssl-client-'];

/** The lookup table for the names of requests. */
export function createRequestNames(options: RequestHeadOptions): FieldNames {
  const names = new Map<string, number>();
  for (const name of [...droppedNames, ...options.stripNames]) names.set(name.toLowerCase(), FIELD_DROP);
  // The parser's own names win: a feature that registers `Host` or `Authorization` cannot hide it from the parser.
  for (const [name, id] of ownNames) names.set(name, id);
  return new FieldNames({
    names,
    dropPrefixes: droppedPrefixes,
    framing: [HOST, CONTENT_LENGTH, TRANSFER_ENCODING],
    underscores: options.underscores,
  });
}

/**
 * What one head's lines say. Offsets are those of `text`. Casts: `marks` holds MARK_SIZE numbers for each of `count` lines.
 */
export class RequestFields {
  readonly connection = new ConnectionOptions();
  hasFramingAlias = false;
  hostCount = 0;
  hostStart = 0;
  hostEnd = 0;
  lengthCount = 0;
  lengthStart = 0;
  lengthEnd = 0;
  codingCount = 0;
  codingStart = 0;
  codingEnd = 0;
  upgradeCount = 0;
  isWebsocket = false;
  expectCount = 0;
  isContinue = false;

  /** Reads the lines of `text`, whose first character has the offset `base` in the scanned buffer; fills the head's captured values and `fields`. */
  read(text: string, base: number, lines: FieldLines, fieldsStart: number, head: RequestHead): void {
    this.#reset();
    this.#walk(text, base, lines, head);
    if (this.connection.named.length > 0 && !this.connection.invalid) {
      // Slow path: Connection names fields. They go before anything counts, so this can only take away the client's own copy (B2). What
      // the proxy itself must understand (Host, framing, TE ...) cannot be hidden that way.
      dropNamedLines(text, base, lines, this.connection.named, TE);
      this.#reset();
      head.clearCaptured();
      this.#walk(text, base, lines, head);
    }
    head.fields = keptLines(text, base, lines, fieldsStart, FIRST_KEPT);
  }

  #reset(): void {
    this.connection.reset();
    this.hasFramingAlias = false;
    this.hostCount = 0;
    this.lengthCount = 0;
    this.codingCount = 0;
    this.upgradeCount = 0;
    this.isWebsocket = false;
    this.expectCount = 0;
    this.isContinue = false;
  }

  #walk(text: string, base: number, lines: FieldLines, head: RequestHead): void {
    const marks = lines.marks;
    const last = lines.count * MARK_SIZE;
    for (let mark = 0; mark < last; mark += MARK_SIZE) {
      const id = marks[mark] as number;
      if (id <= FIELD_DROP) continue;
      this.#take(id, text, (marks[mark + 2] as number) - base, (marks[mark + 3] as number) - base, head);
    }
  }

  /** One known field with the value `text[start, end)`. */
  #take(id: number, text: string, start: number, end: number, head: RequestHead): void {
    switch (id) {
      case HOST:
        this.hostCount += 1;
        this.hostStart = start;
        this.hostEnd = end;
        break;
      case CONNECTION:
        this.connection.add(text, start, end);
        break;
      case USER_AGENT:
        if (head.userAgent === '') head.userAgent = text.slice(start, end);
        break;
      case ACCEPT:
        if (head.accept === '') head.accept = text.slice(start, end);
        break;
      case REFERER:
        if (head.referer === '') head.referer = text.slice(start, end);
        break;
      case AUTHORIZATION:
        if (head.authorization === '') head.authorization = text.slice(start, end);
        break;
      case CONTENT_LENGTH:
        this.lengthCount += 1;
        this.lengthStart = start;
        this.lengthEnd = end;
        break;
      case TRANSFER_ENCODING:
        this.codingCount += 1;
        this.codingStart = start;
        this.codingEnd = end;
        break;
      case FIELD_FRAMING_ALIAS:
        this.hasFramingAlias = true;
        break;
      case UPGRADE:
        this.upgradeCount += 1;
        this.isWebsocket = equalsIgnoringCase(text, start, end, 'websocket');
        break;
      case EXPECT:
        this.expectCount += 1;
        this.isContinue = equalsIgnoringCase(text, start, end, '100-continue');
        break;
      case TE:
        if (takesTrailers(text.slice(start, end))) head.teTrailers = true;
        break;
      default:
        takeRare(id, text.slice(start, end), head);
    }
  }
}

function takeRare(id: number, value: string, head: RequestHead): void {
  if (id === FORWARDED_FOR) head.forwardedFor = join(head.forwardedFor, value);
  else if (id === FORWARDED_HOST) head.forwardedHost = head.forwardedHost || value;
  else if (id === FORWARDED_PROTO) head.forwardedProto = head.forwardedProto || value;
  else if (id === FORWARDED_PORT) head.forwardedPort = head.forwardedPort || value;
  else if (id === FORWARDED_SCHEME) head.forwardedScheme = head.forwardedScheme || value;
  else if (id === ORIGINAL_FORWARDED_FOR) head.originalForwardedFor = join(head.originalForwardedFor, value);
  else if (id === REAL_IP) head.realIp = head.realIp || value;
  else if (id === TRAILER) head.trailer = join(head.trailer, value);
  else if (id === REQUEST_ID && head.requestId === '' && isRequestId(value)) head.requestId = value;
}

function join(before: string, value: string): string {
  return before === '' ? value : `${before}, ${value}`;
}

/** Rule X6: 1 to 128 visible ASCII characters. */
function isRequestId(value: string): boolean {
  if (value.length < 1 || value.length > 128) return false;
  for (let i = 0; i < value.length; i += 1) {
    const code = value.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f) return false;
  }
  return true;
}

/** RFC 9110 10.1.4: `trailers` among the members, which may carry parameters. */
function takesTrailers(value: string): boolean {
  return value.split(',').some((member) => {
    const name = trimBlanks(member.split(';', 1)[0] ?? '');
    return equalsIgnoringCase(name, 0, name.length, 'trailers');
  });
}
