// A strict reader of HTTP/1.1 requests for tests, written for clarity and sharing no code with src/wire. It reads a byte stream (latin1 text)
// as a whole number of requests and says where and why it stopped. Two profiles: what a client may send, and the narrower
// form in which the proxy must send.

export interface SeenRequest {
  readonly method: string;
  readonly target: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Decoded. */
  readonly body: string;
}

export interface Reading {
  readonly requests: readonly SeenRequest[];
  /** Bytes behind the last whole request. */
  readonly rest: string;
  /** Why the rest is no request; empty when it is only incomplete. */
  readonly fault: string;
}

class Fault extends Error {}
class Incomplete extends Error {}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const requestLine = new RegExp(`^(${token}) ([\\x21-\\x22\\x24-\\x7e]+) HTTP/1\\.([01])$`);
const fieldLine = new RegExp(`^(${token}):[ \\t]*([\\t\\x20-\\x7e\\x80-\\xff]*?)[ \\t]*$`);
const extension = `(?:;${token}(?:=(?:${token}|"(?:[^"\\\\\\x00-\\x08\\x0a-\\x1f\\x7f]|\\\\[\\x20-\\x7e])*"))?)*`;
const clientChunkLine = new RegExp(`^0*([0-9a-fA-F]{1,8})${extension}$`);
const proxyChunkLine = /^([0-9a-f]+)$/;

/** `proxy`: no extensions, no trailers, no leading zeros, names without `_`, nothing hop-by-hop but a websocket upgrade. */
export function readRequests(stream: string, profile: 'client' | 'proxy'): Reading {
  const requests: SeenRequest[] = [];
  let at = 0;
  try {
    while (at < stream.length) {
      const one = readRequest(stream, at, profile);
      requests.push(one.request);
      at = one.end;
      if (one.isLast) break;
    }
  } catch (error) {
    if (error instanceof Incomplete) return { requests, rest: stream.slice(at), fault: '' };
    if (error instanceof Fault) return { requests, rest: stream.slice(at), fault: error.message };
    throw error;
  }
  return { requests, rest: '', fault: '' };
}

function readRequest(
  stream: string,
  start: number,
  profile: 'client' | 'proxy',
): { request: SeenRequest; end: number; isLast: boolean } {
  let at = start;
  if (profile === 'client' && stream.startsWith('\r\n', at)) at += 2;
  const headEnd = stream.indexOf('\r\n\r\n', at);
  const [first = '', ...lines] = stream.slice(at, headEnd < 0 ? stream.length : headEnd).split('\r\n');
  if (headEnd < 0) throw new Incomplete();
  const [, method = '', target = '', minor] = requestLine.exec(first) ?? fail(`request line "${first}"`);
  const fields = lines.map((line): readonly [string, string] => {
    const [, name = '', value = ''] = fieldLine.exec(line) ?? fail(`field line "${line}"`);
    return [name.toLowerCase(), value];
  });
  const of = (name: string): string[] => fields.flatMap(([each, value]) => (each === name ? [value] : []));
  if (profile === 'proxy') checkOwnForm(minor ?? '', fields, of);
  if (minor === '1' && of('host').length !== 1) fail('not exactly one Host');
  const lengths = of('content-length');
  const codings = of('transfer-encoding');
  const bodyStart = headEnd + 4;
  const isLast = of('connection').some((value) => /(^|,)\s*close\s*(,|$)/i.test(value)) || minor === '0';
  if (lengths.length + codings.length > 1) fail('more than one framing field');
  if (codings.length === 1) {
    if (minor === '0' || codings[0]?.toLowerCase() !== 'chunked') fail('transfer coding');
    const { body, end } = readChunks(stream, bodyStart, profile);
    return { request: { method, target, fields, body }, end, isLast };
  }
  const digits = lengths[0] ?? '0';
  if (!/^(0|[1-9]\d{0,14})$/.test(digits)) fail(`length "${digits}"`);
  const end = bodyStart + Number(digits);
  if (end > stream.length) throw new Incomplete();
  return { request: { method, target, fields, body: stream.slice(bodyStart, end) }, end, isLast };
}

function readChunks(
  stream: string,
  start: number,
  profile: 'client' | 'proxy',
): { body: string; end: number } {
  let at = start;
  let body = '';
  for (;;) {
    const line = lineAt(stream, at);
    const [, digits = ''] =
      (profile === 'proxy' ? proxyChunkLine : clientChunkLine).exec(line) ?? fail(`chunk line "${line}"`);
    at += line.length + 2;
    const size = Number.parseInt(digits, 16);
    if (size === 0) break;
    if (at + size + 2 > stream.length) throw new Incomplete();
    body += stream.slice(at, at + size);
    if (stream.slice(at + size, at + size + 2) !== '\r\n') fail('chunk data end');
    at += size + 2;
  }
  for (;;) {
    const line = lineAt(stream, at);
    at += line.length + 2;
    if (line === '') return { body, end: at };
    if (profile === 'proxy' || !fieldLine.test(line)) fail(`trailer "${line}"`);
  }
}

/** Up to the next CRLF; a lone CR or LF before it is a fault. */
function lineAt(stream: string, at: number): string {
  const end = stream.indexOf('\r\n', at);
  const line = stream.slice(at, end < 0 ? stream.length : end);
  if (/\n|\r(?!$)/.test(line)) fail(`line end in "${line}"`);
  if (end < 0) throw new Incomplete();
  return line;
}

const ownNames = ['host', 'x-request-id', 'x-forwarded-for', 'x-real-ip', 'x-forwarded-proto', 'x-scheme'];
const forbidden =
  /^(te|trailer|keep-alive|proxy-.*|proxy|expect|http2-settings|forwarded|ssl-client-.*|.*_.*|x\..*)$/;

/** What every request of the proxy must be: HTTP/1.1, stamped once, without what the client may not say. */
function checkOwnForm(
  minor: string,
  fields: SeenRequest['fields'],
  of: (name: string) => readonly string[],
): void {
  if (minor !== '1') fail('version');
  for (const name of ownNames) if (of(name).length !== 1) fail(`${of(name).length} ${name} fields`);
  if (of('x-forwarded-for')[0] !== '127.0.0.1') fail(`X-Forwarded-For "${of('x-forwarded-for')[0]}"`);
  for (const [name] of fields) if (forbidden.test(name)) fail(`field "${name}"`);
  const upgrade = [of('connection').join(), of('upgrade').join()].join();
  if (upgrade !== ',' && upgrade !== 'upgrade,websocket') fail(`connection fields "${upgrade}"`);
}

function fail(what: string): never {
  throw new Fault(what);
}
