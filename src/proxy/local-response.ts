// Local responses: answers that the proxy gives itself, for errors, refusals and redirects. Text of ours or of the owner of
// the route only: no byte of a request appears in a body (rule O8).
import type { LocalResponse as FeatureAnswer } from '../features/index.ts';
import { grpcCodeOf, isGrpcType, mediaTypeOf } from '../wire/grpc/status.ts';
import { dateField, statusText } from '../wire/http1/render.ts';
import { lookupField } from '../wire/http1/field-value.ts';
import type { RequestHead } from '../wire/http1/request-head.ts';
import { ResponseHead } from '../wire/http1/response-head.ts';

export interface LocalResponse {
  readonly answer: ResponseHead;
  readonly page: Buffer;
  /** What the answer means, where its own status does not say it. */
  readonly loggedStatus?: number;
}

/** Titles of pages where nginx has other words than the status line. */
const pageTitles = new Map([
  [401, 'Authorization Required'],
  [503, 'Service Temporarily Unavailable'],
]);
const pages = new Map<number, Buffer>();
const noPage = Buffer.alloc(0);

function pageOf(status: number): Buffer {
  let page = pages.get(status);
  if (page === undefined) {
    const title = `${status} ${pageTitles.get(status) ?? statusText(status)}`;
    page = Buffer.from(
      `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n` +
        `<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`,
      'latin1',
    );
    pages.set(status, page);
  }
  return page;
}

/** For requests of gRPC: trailers alone, in a head that ends the message. `reason`: one of our own words. */
function grpcResponse(status: number, fields: string, reason: string, mediaType: string): LocalResponse {
  const answer = new ResponseHead();
  answer.status = 200;
  answer.reason = statusText(200);
  answer.framing = 'length';
  answer.contentLength = 0;
  answer.fields = `Content-Type: ${mediaType}\r\ngrpc-status: ${grpcCodeOf(status)}\r\ngrpc-message: ${reason}\r\n${fields}`;
  return { answer, page: noPage, loggedStatus: status };
}

/**
 * `fields`: further complete lines. `reason`: why, for clients that can be told. The page is empty in the answer to HEAD, and its length is told
 * all the same. `given`: the page of the route's owner instead of ours.
 */
export function localResponse(
  status: number,
  fields: string,
  reason: string,
  request: RequestHead,
  given?: FeatureAnswer['page'],
): LocalResponse {
  if (status >= 400) {
    const mediaType = mediaTypeOf(request.fields);
    if (isGrpcType(mediaType)) return grpcResponse(status, fields, reason, mediaType);
  }
  const isHead = request.method === 'HEAD';
  const answer = new ResponseHead();
  answer.status = status;
  answer.reason = statusText(status);
  if (status === 204) {
    answer.fields = fields;
    return { answer, page: noPage };
  }
  const page = given === undefined ? pageOf(status) : Buffer.from(given.text, 'utf8');
  answer.framing = isHead ? 'none' : 'length';
  answer.contentLength = page.length;
  answer.fields = `Content-Type: ${given?.mediaType ?? 'text/html'}\r\n${fields}`;
  if (status === 405 && lookupField(fields, 'allow') === '')
    answer.fields += 'Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n';
  if (status === 503) answer.fields += 'Retry-After: 1\r\n';
  return { answer, page: isHead ? noPage : page };
}

const hstsLines = /^strict-transport-security:[^\r\n]*\r\n/gim;

/** Strict-Transport-Security as the settings say it, instead of what the head has; `line` empty: it stays as it is. */
export function replaceHsts(head: ResponseHead, line: string): void {
  if (line === '') return;
  if (head.hasHsts) head.fields = head.fields.replaceAll(hstsLines, '');
  head.fields += line;
}

/** What an ACME server gets for a token (RFC 8555, 8.3). */
export function challengeResponse(keyAuthorization: string, isHead: boolean): LocalResponse {
  const page = Buffer.from(keyAuthorization, 'latin1');
  const answer = new ResponseHead();
  answer.status = 200;
  answer.reason = statusText(200);
  answer.framing = isHead ? 'none' : 'length';
  answer.contentLength = page.length;
  answer.fields = 'Content-Type: application/octet-stream\r\nCache-Control: no-store\r\n';
  return { answer, page: isHead ? noPage : page };
}

/** What every response has, of an upstream's or our own: Date, and `serverLine` (maybe empty), unless they are there already. */
export function ownFields(head: ResponseHead, serverLine: string): string {
  const date = head.hasDate ? '' : dateField(Date.now());
  return head.hasServer ? date : date + serverLine;
}
