// The path of a rule in the form in which requests are compared with it. Two spellings of one path must be one claim, or a
// younger Ingress could take an older one's requests by writing `/x/../app` for `/app`.
// translate/ may not import wire/, so this is a second writing of `canonicalRulePath` there; a property test keeps the two equal.

/** Visible ASCII without `#`, `?`, `\\` and `%`. */
const plainPath = /^\/[!"$&-\x3e@-\x5b\x5d-~]*$/;

/** Bytes that stand for themselves, `%` included; all others are sent as escapes. */
const plainByte = /[!"$-\x3e@-\x5b\x5d-~]/;

/**
 * Idempotent, takes any text: a leading slash is added, bytes that no request can hold become escapes, escapes of unreserved
 * characters are decoded and the others written in upper case, `.` and `..` elements are resolved. `//` and a final slash stay.
 */
export function canonicalRulePath(text: string): string {
  const rooted = text.startsWith('/') ? text : `/${text}`;
  if (plainPath.test(rooted)) return removeDotSegments(rooted);
  let escaped = '';
  for (const byte of Buffer.from(rooted, 'utf8')) {
    const char = String.fromCharCode(byte);
    escaped += byte < 0x80 && plainByte.test(char) ? char : escapeByte(byte);
  }
  const whole = escaped.replace(/%(?![\da-f]{2})/gi, '%25');
  return removeDotSegments(whole.replace(/%([\da-f]{2})/gi, (_, hex: string) => decodeUnreserved(hex)));
}

function escapeByte(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** RFC 3986, 6.2.2: letters, digits, `-`, `.`, `_` and `~` need no escape. */
function decodeUnreserved(hex: string): string {
  const char = String.fromCharCode(Number.parseInt(hex, 16));
  return /[A-Za-z0-9._~-]/.test(char) ? char : `%${hex.toUpperCase()}`;
}

/** RFC 3986, 5.2.4; `..` at the root has no effect. */
function removeDotSegments(path: string): string {
  if (!path.includes('/.')) return path;
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  for (const [index, segment] of segments.entries()) {
    const isDots = segment === '.' || segment === '..';
    if (segment === '..') kept.pop();
    if (!isDots) kept.push(segment);
    else if (index === segments.length - 1) kept.push('');
  }
  return `/${kept.join('/')}`;
}
