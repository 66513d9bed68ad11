// A second, slow reading of request heads, written for clarity with strings and regular expressions, from the rules and not from the codec.
// It says what framing, host and lines a head has, or null when it must be refused. Only whole heads, without limits and absolute forms.

export interface ReferenceHead {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  /** -1: chunked. */
  readonly contentLength: number;
  readonly keepAlive: boolean;
  /** Names in lower case with their values, in order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Bytes of the head. */
  readonly length: number;
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** `text`: latin1. `incomplete` when the empty line is missing. */
export function parseReference(text: string): ReferenceHead | 'incomplete' | null {
  const length = text.indexOf('\r\n\r\n') + 4;
  if (length === 3) return 'incomplete';
  const head = text.slice(0, length - 4);
  if (/\r(?!\n)|(?<!\r)\n/.test(head)) return null;
  const [requestLine = '', ...lines] = head.split('\r\n');
  const match = /^([^ ]{1,32}) ([!-"$-~]+) HTTP\/1\.([01])$/.exec(requestLine);
  if (match === null) return null;
  const [, method = '', target = '', minor] = match;
  if (!token.test(method) || method === 'CONNECT' || method === 'TRACE') return null;
  if (!isTarget(method, target)) return null;

  const fields: [string, string][] = [];
  for (const line of lines) {
    const field = /^([^:]+):[ \t]*((?:[^ \t](?:.*[^ \t])?)?)[ \t]*$/s.exec(line);
    if (field === null || !token.test(field[1] ?? '') || /[^\t\x20-\x7e\x80-\xff]/.test(line)) return null;
    fields.push([(field[1] ?? '').toLowerCase(), field[2] ?? '']);
  }
  const isAlias = (name: string) =>
    /[_.]/.test(name) && /^(?:host|content-length|transfer-encoding)$/.test(name.replace(/[_.]/g, '-'));
  if (fields.some(([name]) => isAlias(name))) return null;

  const host = readHost(fields, minor === '1');
  const contentLength = readLength(fields, minor === '1');
  const options = readConnection(fields);
  if (host === null || contentLength === null || options === null) return null;
  const expectations = fields.filter(([name]) => name === 'expect');
  const isExpected = expectations.every(([, value]) => value.toLowerCase() === '100-continue');
  if (minor === '1' && (expectations.length > 1 || !isExpected)) return null;
  const keepAlive = !options.includes('close') && (minor === '1' || options.includes('keep-alive'));
  return { method, target, host, contentLength, keepAlive, fields, length };
}

/** Origin form without a backslash in the path and with whole escapes; or the asterisk. Dot segments are left to other tests. */
function isTarget(method: string, target: string): boolean {
  if (target === '*') return method === 'OPTIONS';
  const path = target.replace(/\?.*/s, '');
  return path.startsWith('/') && !/\\|%00/.test(path) && !/%(?![0-9A-Fa-f]{2})/.test(target);
}

function values(fields: readonly (readonly [string, string])[], wanted: string): string[] {
  return fields.filter(([name]) => name === wanted).map(([, value]) => value);
}

function readHost(fields: readonly (readonly [string, string])[], isRequired: boolean): string | null {
  const hosts = values(fields, 'host');
  if (hosts.length !== 1) return hosts.length === 0 && !isRequired ? '' : null;
  const match = /^((?:[\w-]+\.)*[\w-]+)\.?(?::([1-9][0-9]{0,4}))?$/.exec(hosts[0] ?? '');
  return match === null || Number(match[2] ?? 1) > 65_535 ? null : (match[1] ?? '').toLowerCase();
}

function readLength(
  fields: readonly (readonly [string, string])[],
  isChunkedAllowed: boolean,
): number | null {
  const lengths = values(fields, 'content-length');
  const codings = values(fields, 'transfer-encoding');
  if (lengths.length + codings.length === 0) return 0;
  if (lengths.length + codings.length > 1) return null;
  if (codings.length === 1) return isChunkedAllowed && /^chunked$/i.test(codings[0] ?? '') ? -1 : null;
  const text = lengths[0] ?? '';
  return /^(?:0|[1-9][0-9]*)$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : null;
}

/** The lower-case members of all Connection fields, or null when they are no token list or name what must not be named. */
function readConnection(fields: readonly (readonly [string, string])[]): string[] | null {
  const members = values(fields, 'connection')
    .flatMap((value) => value.split(','))
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, '').toLowerCase())
    .filter((member) => member !== '');
  const isBad = (member: string) =>
    !token.test(member) || ['host', 'content-length', 'transfer-encoding'].includes(member);
  return members.some(isBad) || members.length > 32 ? null : members;
}
