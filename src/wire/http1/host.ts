// Host names as HTTP/1 `Host`, HTTP/2 `:authority` and TLS SNI spell them, brought to one form for comparing (rules H2, H5, S5).
import { lowerAscii } from './bytes.ts';
import { parseIp } from '../../std/ip-address.ts';

const maxHostBytes = 255;

/** 1: a byte of a name. 2: an upper-case letter of a name. */
const nameClass = new Uint8Array(256);
for (const char of 'abcdefghijklmnopqrstuvwxyz0123456789-_.') nameClass[char.charCodeAt(0)] = 1;
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') nameClass[char.charCodeAt(0)] = 2;

const DOT = 0x2e;
const COLON = 0x3a;
const BRACKET = 0x5b;

/**
 * `name[:port]`, IPv4 or `[IPv6]` to lower case without port and without one trailing dot; an IPv6 literal keeps its brackets.
 * null for anything else: empty, empty labels, userinfo, a port that is not 1 to 65535 in plain digits, zone identifiers.
 */
export function normalizeHost(text: string): string | null {
  if (text.charCodeAt(0) === BRACKET) return normalizeLiteral(text);
  let hasUpper = false;
  let previous = DOT;
  let i = 0;
  for (; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === COLON) break;
    if (code === DOT && previous === DOT) return null;
    // Codes above 255 are outside the table and read as undefined.
    const kind = nameClass[code] ?? 0;
    if (kind === 0) return null;
    if (kind === 2) hasUpper = true;
    previous = code;
  }
  if (i === 0 || i > maxHostBytes) return null;
  if (i < text.length && !isPort(text, i + 1)) return null;
  const nameEnd = previous === DOT ? i - 1 : i;
  const name = nameEnd === text.length ? text : text.slice(0, nameEnd);
  return hasUpper ? name.toLowerCase() : name;
}

function normalizeLiteral(text: string): string | null {
  const close = text.indexOf(']');
  if (close === -1) return null;
  const address = parseIp(text.slice(1, close));
  if (address === null || !text.slice(1, close).includes(':')) return null;
  if (close + 1 < text.length && !(text.charCodeAt(close + 1) === COLON && isPort(text, close + 2)))
    return null;
  return lowerAscii(text.slice(0, close + 1));
}

/** True when `text` from `start` to its end is a port: 1 to 65535, no leading zero. */
function isPort(text: string, start: number): boolean {
  const length = text.length - start;
  if (length < 1 || length > 5 || text.charCodeAt(start) === 0x30) return false;
  let port = 0;
  for (let i = start; i < text.length; i += 1) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return false;
    port = port * 10 + digit;
  }
  return port <= 65_535;
}
