// Version 1 of the PROXY protocol: one line of text, such as `PROXY TCP4 192.0.2.1 192.0.2.2 50000 443`.
import { isIP } from 'node:net';
import { normalizeIp } from '../forwarded/ip-address.ts';
import { needsMore, type ProxyEnd, type ProxyReading, refuse } from './header.ts';

/** The longest line that the protocol allows, with its end. */
const maxLineBytes = 107;
const CR = 0x0d;
const LF = 0x0a;
const unknownPrefix = 'PROXY UNKNOWN';

/** For bytes that begin with `PROXY ` as far as they go. */
export function readV1(bytes: Uint8Array): ProxyReading {
  const limit = Math.min(bytes.length, maxLineBytes);
  for (let at = 0; at < limit; at += 1) {
    const byte = bytes[at];
    // A line end other than CR LF, or a CR inside the line, is one to some readers and none to others.
    if (byte === LF) return refuse('v1-malformed');
    if (byte !== CR) continue;
    if (at + 1 >= maxLineBytes) break;
    if (at + 1 === bytes.length) return needsMore;
    if (bytes[at + 1] !== LF) return refuse('v1-malformed');
    return readLine(String.fromCharCode(...bytes.subarray(0, at)), at + 2);
  }
  return bytes.length >= maxLineBytes ? refuse('v1-too-long') : needsMore;
}

function readLine(line: string, length: number): ProxyReading {
  // The protocol: whatever stands behind UNKNOWN is to be ignored.
  if (line === unknownPrefix || line.startsWith(`${unknownPrefix} `)) {
    return { kind: 'done', header: { kind: 'unknown' }, length };
  }
  const [word, family, from = '', to = '', fromPort = '', toPort = '', ...rest] = line.split(' ');
  const version = family === 'TCP4' ? 4 : family === 'TCP6' ? 6 : null;
  if (word !== 'PROXY' || version === null || rest.length > 0) return refuse('v1-malformed');
  const source = readEnd(from, fromPort, version);
  const destination = readEnd(to, toPort, version);
  if (source === null || destination === null) return refuse('v1-malformed');
  return { kind: 'done', header: { kind: 'ends', transport: 'stream', source, destination }, length };
}

function readEnd(address: string, port: string, version: 4 | 6): ProxyEnd | null {
  if (isIP(address) !== version || !/^(?:0|[1-9]\d{0,4})$/.test(port) || Number(port) > 65_535) return null;
  const normalized = normalizeIp(address);
  return normalized === null ? null : { address: normalized, port: Number(port) };
}
