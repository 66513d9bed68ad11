// A line of ingress-nginx's default `log-format-upstream`, or of nginx's `combined`, with which it begins:
// ADDRESS - USER [TIME] "REQUEST" STATUS BYTES "REFERER" "AGENT" LENGTH TIME [UPSTREAM] [ALTERNATIVE] … ID
// nginx escapes quotes within values, so that a quote always ends or begins one.
import { isMethod, type ListedRequest, readTarget } from './listed-request.ts';

export function parseNginxLine(text: string, line: number): ListedRequest | null {
  const open = text.indexOf('"');
  if (open < 3 || !text.startsWith('] ', open - 2)) return null;
  const close = text.indexOf('"', open + 1);
  const status = close < 0 ? 0 : readStatus(text, close + 1);
  if (status === 0) return null;
  const request = parseRequestLine(unescapeNginx(text.slice(open + 1, close)));
  if (request === null) return null;
  const upstreamAt = text.indexOf(' [', text.lastIndexOf('"'));
  const upstreamEnd = upstreamAt < 0 ? -1 : text.indexOf('] [', upstreamAt);
  return {
    line,
    method: request.method,
    scheme: request.scheme,
    host: request.host,
    rawPath: request.rawPath,
    query: request.query,
    clientAddress: orEmpty(text.slice(0, text.indexOf(' '))),
    status,
    upstreamName: upstreamEnd < 0 ? '' : orEmpty(text.slice(upstreamAt + 2, upstreamEnd)),
    requestId: upstreamEnd < 0 ? '' : orEmpty(unescapeNginx(text.slice(text.lastIndexOf(' ') + 1))),
    route: '',
    reason: '',
  };
}

/** ` 200 ` at a place. 0: something else. */
function readStatus(text: string, at: number): number {
  const status = Number(text.slice(at + 1, at + 4));
  const isFramed = text[at] === ' ' && text[at + 4] === ' ';
  return isFramed && Number.isInteger(status) && status >= 100 ? status : 0;
}

/** `GET /path?query HTTP/1.1`; the version may be missing. Null: the proxy could not read the request either. */
export function parseRequestLine(
  text: string,
): Pick<ListedRequest, 'method' | 'scheme' | 'host' | 'rawPath' | 'query'> | null {
  const first = text.indexOf(' ');
  if (first < 1) return null;
  const method = text.slice(0, first);
  const last = text.lastIndexOf(' ');
  const end = last > first && text.startsWith('HTTP/', last + 1) ? last : text.length;
  const target = readTarget(text.slice(first + 1, end));
  return target === null || !isMethod(method) ? null : { method, ...target };
}

/** `\xHH` back to its byte; also the short forms of older versions. */
export function unescapeNginx(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:x([0-9A-Fa-f]{2})|(["\\]))/g, (_whole, hex?: string, char?: string) =>
    hex === undefined ? (char ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function orEmpty(text: string): string {
  return text === '-' ? '' : text;
}
