// The path of a rule in the form in which requests are compared with it. Two spellings of one path must be one claim, or a
// younger Ingress could take an older one's requests by writing `/x/../app` for `/app`.
import { removeDotSegments } from './dot-segments.ts';
import { decodeUnreserved, escapeAt, renderEscape } from './escapes.ts';

/** Bytes that are their own canonical form, wherever they stand: visible ASCII without `#`, `%`, `?` and `\`. */
const plainPath = /^\/[!"$&-\x3e@-\x5b\x5d-~]*$/;

/** As `plainPath`, for one byte, `%` included; all others are sent as escapes. */
const plainByte = /[!"$-\x3e@-\x5b\x5d-~]/;

/**
 * The literal reading that a request must have to be this path. Idempotent, takes any text: bytes that no request target can hold
 * are written as escapes, as a client would have to send them; a `%` that begins no escape becomes `%25`; `..` above the root is
 * dropped; a missing leading slash is added, so the empty path is `/`. `//` and a final slash stay. Nearly every path is in
 * this form already, and hosts of ten thousand routes are compiled between two requests: the byte-wise way is taken only
 * where there is something to do.
 */
export function canonicalRulePath(rulePath: string): string {
  const rooted = rulePath.startsWith('/') ? rulePath : `/${rulePath}`;
  const escaped = plainPath.test(rooted) ? rooted : decodeUnreserved(escapeForeign(rooted));
  return removeDotSegments(escaped, 'ignore') ?? '/';
}

/** Any text with whole escapes and no byte that a request target cannot hold. */
function escapeForeign(text: string): string {
  let out = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const char = String.fromCharCode(byte);
    out += plainByte.test(char) ? char : renderEscape(byte);
  }
  let whole = '';
  for (let i = 0; i < out.length; i += 1) {
    const isBroken = out.charAt(i) === '%' && escapeAt(out, i) === -1;
    whole += isBroken ? '%25' : out.charAt(i);
  }
  return whole;
}
