// Basic authentication (RFC 7617) as nginx reads it: user and password out of one field.
export interface BasicPair {
  /** Latin1: the bytes that came. */
  readonly user: string;
  readonly password: Buffer;
}

const pattern = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i;

/** What stands behind the name of the scheme; empty: no credentials of this scheme. */
export function tokenOf(authorization: string): string {
  return pattern.exec(authorization)?.[1] ?? '';
}

/** Null: nothing that could be right. A password with a zero byte would end there for crypt(3). */
export function parseToken(token: string): BasicPair | null {
  const bytes = Buffer.from(token, 'base64');
  const colon = bytes.indexOf(0x3a);
  if (colon <= 0 || bytes.includes(0)) return null;
  return { user: bytes.toString('latin1', 0, colon), password: bytes.subarray(colon + 1) };
}

/** The field of an answer that asks for a password. A realm comes out of an annotation and holds no quote; of any other text this makes one that is safe. */
export function basicChallenge(realm: string): string {
  return `WWW-Authenticate: Basic realm=${quoteText(realm)}\r\n`;
}

/** A quoted string (RFC 9110, 5.6.4). Controls are left out. */
export function quoteText(text: string): string {
  return `"${text.replaceAll(/[^\t -~\x80-\xff]/g, '').replaceAll(/["\\]/g, '\\$&')}"`;
}
