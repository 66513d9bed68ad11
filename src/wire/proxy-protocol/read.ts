// Reads a PROXY protocol header of either version from the first bytes of a connection. A pure function of all bytes so far: a
// header is small, and the verdict cannot depend on how the bytes were cut.
import { needsMore, type ProxyReading, refuse } from './header.ts';
import { readV1 } from './read-v1.ts';
import { maxV2Bytes, readV2 } from './read-v2.ts';

export const v1Signature = 'PROXY ';
export const v2Signature = '\r\n\r\n\0\r\nQUIT\n';

/** No verdict takes more bytes than these. */
export const maxProxyHeaderBytes = maxV2Bytes;

/** `bytes`: everything received so far, from the first byte on. What follows the header may be among it. */
export function readProxyHeader(bytes: Uint8Array): ProxyReading {
  if (bytes.length === 0) return needsMore;
  const isV2 = bytes[0] === v2Signature.charCodeAt(0);
  if (!startsWith(bytes, isV2 ? v2Signature : v1Signature)) return refuse('no-signature');
  return isV2 ? readV2(bytes) : readV1(bytes);
}

/** As far as the bytes go. */
function startsWith(bytes: Uint8Array, signature: string): boolean {
  const length = Math.min(bytes.length, signature.length);
  for (let at = 0; at < length; at += 1) if (bytes[at] !== signature.charCodeAt(at)) return false;
  return true;
}
