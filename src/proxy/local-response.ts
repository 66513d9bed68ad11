// Local responses: answers that the proxy gives itself, for errors, refusals and redirects. Fixed text only: no byte of a
// request appears in a body (rule O8).
import { statusText } from '../wire/http1/render.ts';

export interface LocalAnswer {
  readonly status: number;
  readonly location: string;
  readonly isHead: boolean;
  readonly keepAlive: boolean;
  /** HTTP/1.0 clients need to be told that the connection stays open. */
  readonly minor: 0 | 1;
  readonly dateLine: string;
  readonly serverLine: string;
}

const pages = new Map<number, string>();

function pageOf(status: number): string {
  let page = pages.get(status);
  if (page === undefined) {
    const title = `${status} ${status === 503 ? 'Service Temporarily Unavailable' : statusText(status)}`;
    page =
      `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n` +
      `<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
    pages.set(status, page);
  }
  return page;
}

/** Length of the body that `renderLocal` sends for a status, in bytes. */
export function localBodyBytes(status: number): number {
  return pageOf(status).length;
}

/** Head and body, latin1. */
export function renderLocal(answer: LocalAnswer): string {
  const { status } = answer;
  const page = pageOf(status);
  let text =
    `HTTP/1.1 ${status} ${statusText(status)}\r\n${answer.dateLine}${answer.serverLine}` +
    `Content-Type: text/html\r\nContent-Length: ${page.length}\r\n`;
  if (answer.location !== '') text += `Location: ${answer.location}\r\n`;
  if (status === 405) text += 'Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n';
  if (status === 503) text += 'Retry-After: 1\r\n';
  if (!answer.keepAlive) text += 'Connection: close\r\n';
  else if (answer.minor === 0) text += 'Connection: keep-alive\r\n';
  return answer.isHead ? `${text}\r\n` : `${text}\r\n${page}`;
}
