// Reads the credentials of digest authentication (RFC 7616, 3.4) out of one field: a list of names with tokens or quoted strings.
export interface DigestFields {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly response: string;
  readonly cnonce: string;
  /** Eight hex digits. */
  readonly nc: string;
  readonly algorithm: 'MD5' | 'SHA-256';
}

/** One parameter with what separates it from the next. Every alternative begins with another character: linear. */
const parameter = /([a-z]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\[^])*)"|([^",\s\\]+))[ \t]*(?:,[ \t]*|$)/iy;
const maxParameters = 20;

/** Null: not of this scheme, not whole, or of a kind that is not taken (no `qop`, `auth-int`, session keys, names in other encodings). */
export function parseDigest(authorization: string): DigestFields | null {
  if (authorization.slice(0, 7).toLowerCase() !== 'digest ') return null;
  const found = readParameters(authorization, 7);
  if (found === null) return null;
  const get = (name: string): string => found.get(name) ?? '';
  const algorithm = (found.get('algorithm') ?? 'MD5').toUpperCase();
  if (algorithm !== 'MD5' && algorithm !== 'SHA-256') return null;
  const nc = get('nc');
  if (get('qop').toLowerCase() !== 'auth' || !/^[0-9a-f]{8}$/i.test(nc) || get('cnonce') === '') return null;
  return {
    username: get('username'),
    realm: get('realm'),
    nonce: get('nonce'),
    uri: get('uri'),
    response: get('response').toLowerCase(),
    cnonce: get('cnonce'),
    nc,
    algorithm,
  };
}

/** Null: something else stands between, or a name comes twice. */
function readParameters(text: string, start: number): ReadonlyMap<string, string> | null {
  const found = new Map<string, string>();
  parameter.lastIndex = start;
  while (text[parameter.lastIndex] === ' ') parameter.lastIndex += 1;
  while (parameter.lastIndex < text.length) {
    const match = parameter.exec(text);
    if (match === null || found.size >= maxParameters) return null;
    const [, name = '', quoted, token = ''] = match;
    const key = name.toLowerCase();
    if (found.has(key)) return null;
    found.set(key, quoted === undefined ? token : quoted.replaceAll(/\\([^])/g, '$1'));
  }
  return found;
}
