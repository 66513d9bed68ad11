// A request of HTTP/2 as the head of HTTP/1.1 that says the same (RFC 9113 8.3; rules M1 to M6, M8, M11). What only HTTP/2 can get wrong is
// judged here; the text is then read by the one RequestHeadParser, so that path, host and fields have one reading in both protocols.
// Nothing that could end a line gets into the text.
import { connectionNames } from './connection-names.ts';
import { type Refusal, refusals } from '../http1/refusal.ts';

export interface RequestTextOptions {
  /** Of the connection: what `:scheme` must say. */
  readonly scheme: 'http' | 'https';
  /** The HEADERS frame ended the stream: there is no body. */
  readonly endsStream: boolean;
  /** Fields, pseudo fields and crumbs of cookies counted. */
  readonly maxFields: number;
  /** RFC 9113 6.5.2: names and values, and 32 bytes each. */
  readonly maxListBytes: number;
  /** `Sec-WebSocket-Key` for the upgrade that an extended CONNECT becomes (RFC 8441); empty: none is offered. */
  readonly websocketKey: string;
}

const fieldOverheadBytes = 32;
/** RFC 9110 5.6.2, without capitals (RFC 9113 8.2.1). */
const namePattern = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const methodPattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Values neither begin nor end with white space. Linear: the last class is tried once at each end. */
const invalidValuePattern = /[^\t\x20-\x7e\x80-\xff]|^[\t ]|[\t ]$/;
const invalidTargetPattern = /[^\x21-\x7e\x80-\xff]/;
/** Room for every method that HTTP/1.1 takes too. */
const connectMethod = 'CONNECT';

/** What RFC 9113 8.1.1 calls malformed: an error of the stream. The others are answered. */
export const malformed: ReadonlySet<Refusal> = new Set([
  refusals['pseudo-field'],
  refusals['connection-field'],
  refusals['field-name'],
  refusals['field-value'],
  refusals['host-repeated'],
  refusals['host-missing'],
  refusals['target-form'],
  refusals.method,
  refusals['content-length'],
  refusals['content-length-repeated'],
]);

/** The pseudo fields of one request; empty: absent (an empty value is refused where it is not allowed). */
class PseudoFields {
  method: string | null = null;
  scheme: string | null = null;
  path: string | null = null;
  authority: string | null = null;
  protocol: string | null = null;

  /** False: unknown, or there already. */
  set(name: string, value: string): boolean {
    switch (name) {
      case ':method':
        if (this.method !== null) return false;
        this.method = value;
        return true;
      case ':scheme':
        if (this.scheme !== null) return false;
        this.scheme = value;
        return true;
      case ':path':
        if (this.path !== null) return false;
        this.path = value;
        return true;
      case ':authority':
        if (this.authority !== null) return false;
        this.authority = value;
        return true;
      case ':protocol':
        if (this.protocol !== null) return false;
        this.protocol = value;
        return true;
      default:
        return false;
    }
  }
}

/** What is gathered over the normal fields. */
interface Gathered {
  lines: string;
  cookie: string;
  host: string | null;
  hasLength: boolean;
}

/** `fields`: names and values by turns, as decoded, pseudo fields included. Latin1 in and out. */
export function renderRequestText(fields: readonly string[], options: RequestTextOptions): string | Refusal {
  if (fields.length > 2 * options.maxFields) return refusals['too-many-fields'];
  const pseudo = new PseudoFields();
  const gathered: Gathered = { lines: '', cookie: '', host: null, hasLength: false };
  let listBytes = 0;
  let isBehindPseudo = false;
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] ?? '';
    const value = fields[i + 1] ?? '';
    listBytes += name.length + value.length + fieldOverheadBytes;
    if (listBytes > options.maxListBytes) return refusals['field-list-too-large'];
    if (name.charCodeAt(0) === 0x3a) {
      if (isBehindPseudo || !pseudo.set(name, value)) return refusals['pseudo-field'];
      continue;
    }
    isBehindPseudo = true;
    const refusal = takeField(name, value, gathered);
    if (refusal !== null) return refusal;
  }
  return renderText(pseudo, gathered, options);
}

function takeField(name: string, value: string, gathered: Gathered): Refusal | null {
  if (!namePattern.test(name)) return refusals['field-name'];
  if (invalidValuePattern.test(value)) return refusals['field-value'];
  if (connectionNames.has(name)) return refusals['connection-field'];
  switch (name) {
    case 'te':
      if (value !== 'trailers') return refusals['connection-field'];
      gathered.lines += 'te: trailers\r\n';
      return null;
    case 'host':
      if (gathered.host !== null) return refusals['host-repeated'];
      gathered.host = value;
      return null;
    case 'cookie':
      // Rule M6.
      gathered.cookie = gathered.cookie === '' ? value : `${gathered.cookie}; ${value}`;
      return null;
    case 'content-length':
      gathered.hasLength = true;
      break;
    case 'sec-websocket-key':
      // It belongs to the HTTP/1.1 handshake (RFC 8441 5.1): ours is the one that counts.
      return null;
  }
  gathered.lines += `${name}: ${value}\r\n`;
  return null;
}

function renderText(pseudo: PseudoFields, gathered: Gathered, options: RequestTextOptions): string | Refusal {
  const { method, path } = pseudo;
  if (method === null) return refusals['pseudo-field'];
  const isTunnel = pseudo.protocol !== null;
  if (isTunnel) {
    if (method !== connectMethod) return refusals['pseudo-field'];
    if (pseudo.protocol !== 'websocket' || options.websocketKey === '')
      return refusals['protocol-unsupported'];
    if (options.endsStream || gathered.hasLength) return refusals['pseudo-field'];
  } else if (method === connectMethod) {
    return refusals['method-refused'];
  }
  if (!methodPattern.test(method)) return refusals.method;
  if (path === null || pseudo.scheme === null) return refusals['pseudo-field'];
  if (pseudo.scheme.toLowerCase() !== options.scheme) return refusals.scheme;
  const host = hostOf(pseudo.authority, gathered.host);
  if (typeof host !== 'string') return host;
  if (invalidTargetPattern.test(path)) return refusals['target-byte'];
  // No absolute form: it would carry a second authority.
  if (!path.startsWith('/') && !(path === '*' && method === 'OPTIONS')) return refusals['target-form'];
  const line = `${isTunnel ? 'GET' : method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${gathered.lines}`;
  const cookie = gathered.cookie === '' ? '' : `cookie: ${gathered.cookie}\r\n`;
  return `${line}${cookie}${framingOf(isTunnel, gathered, options)}\r\n`;
}

/** Rule M4: one Host, that of `:authority`. */
function hostOf(authority: string | null, host: string | null): string | Refusal {
  if (authority === null) return host ?? refusals['host-missing'];
  if (invalidValuePattern.test(authority)) return refusals['host-invalid'];
  const differs = host !== null && host.toLowerCase() !== authority.toLowerCase();
  return differs ? refusals['authority-differs'] : authority;
}

function framingOf(isTunnel: boolean, gathered: Gathered, options: RequestTextOptions): string {
  if (isTunnel) {
    return `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: ${options.websocketKey}\r\n`;
  }
  // A body of unknown length: what HTTP/1.1 says in chunks.
  return options.endsStream || gathered.hasLength ? '' : 'Transfer-Encoding: chunked\r\n';
}
