// The body of a TLS ClientHello (RFC 8446 4.1.2, RFC 6066 3, RFC 7301): the server name and the protocols that it asks for. As strict
// as OpenSSL about what it reads, so that what is decided here is not read otherwise behind it.
import { ByteReader } from './byte-reader.ts';

export interface ClientHello {
  /** The server name as sent; null: none. */
  readonly serverName: string | null;
  /** Protocol names of ALPN, in the client's order. */
  readonly protocols: readonly string[];
}

const serverNameExtension = 0;
const alpnExtension = 16;
const hostNameType = 0;
const maxNameBytes = 255;

/** `body`: the handshake message without its head of 4 bytes. Null: it is no ClientHello. */
export function parseClientHello(body: Uint8Array): ClientHello | null {
  const reader = new ByteReader(body);
  reader.skip(2 + 32);
  const sessionId = reader.vector(1);
  const suites = reader.vector(2);
  const compressions = reader.vector(1);
  if (reader.hasFailed || sessionId.length > 32) return null;
  if (suites.length < 2 || suites.length % 2 !== 0 || compressions.length < 1) return null;
  if (reader.isAtEnd) return { serverName: null, protocols: [] };
  const extensions = reader.vector(2);
  return reader.hasFailed || !reader.isAtEnd ? null : readExtensions(extensions);
}

function readExtensions(extensions: Uint8Array): ClientHello | null {
  const reader = new ByteReader(extensions);
  const seen = new Set<number>();
  let serverName: string | null = null;
  let protocols: readonly string[] = [];
  while (!reader.isAtEnd) {
    const type = reader.number(2);
    const content = reader.vector(2);
    if (reader.hasFailed || seen.has(type)) return null;
    seen.add(type);
    if (type === serverNameExtension) {
      serverName = readServerName(content);
      if (serverName === null) return null;
    } else if (type === alpnExtension) {
      const names = readProtocols(content);
      if (names === null) return null;
      protocols = names;
    }
  }
  return { serverName, protocols };
}

/** A list of exactly one name of type host_name; other types were never made, and nobody accepts them. */
function readServerName(content: Uint8Array): string | null {
  const outer = new ByteReader(content);
  const inner = new ByteReader(outer.vector(2));
  const type = inner.number(1);
  const name = inner.vector(2);
  const isWhole = !outer.hasFailed && outer.isAtEnd && !inner.hasFailed && inner.isAtEnd;
  if (!isWhole || type !== hostNameType) return null;
  return name.length === 0 || name.length > maxNameBytes || name.includes(0) ? null : textOf(name);
}

function readProtocols(content: Uint8Array): readonly string[] | null {
  const outer = new ByteReader(content);
  const inner = new ByteReader(outer.vector(2));
  const names: string[] = [];
  while (!inner.isAtEnd && !inner.hasFailed) names.push(textOf(inner.vector(1)));
  const isWhole = !outer.hasFailed && outer.isAtEnd && !inner.hasFailed;
  return isWhole && names.length > 0 && !names.includes('') ? names : null;
}

/** Latin1: a byte, a character. */
function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
