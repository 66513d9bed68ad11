// Looks whether a proxy answers, and rightly, before it is measured.
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request as requestPlain } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request as requestTls } from 'node:https';
import { connect } from 'node:net';

/** Somebody listens there. */
export async function canConnect(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly fields: IncomingHttpHeaders;
}

/** One request on a connection of its own; certificates are not checked. Rejects when there is no answer. */
export async function ask(
  url: string,
  host: string | null,
  fields: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const send = url.startsWith('https:') ? requestTls : requestPlain;
  const request = send(url, {
    agent: false,
    rejectUnauthorized: false,
    headers: host === null ? fields : { ...fields, host },
  });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.setEncoding('latin1');
  let body = '';
  for await (const chunk of response) body += chunk as string;
  return { status: response.statusCode ?? 0, body, fields: response.headers };
}

/** Throws unless the answer is 200 with a body of that size from the backend. */
export async function assertAnswer(url: string, host: string | null, bodyBytes: number): Promise<void> {
  const { status, body } = await ask(url, host);
  if (status !== 200 || body.length !== bodyBytes || !body.startsWith('a'))
    throw new Error(`${url}: 200 with ${bodyBytes} bytes is wanted, got ${status} with ${body.length} bytes`);
}

export interface Http2Request {
  /** Its host is what is asked for; the connection goes to 127.0.0.1. */
  readonly url: string;
  readonly port: number;
  readonly fields?: Readonly<Record<string, string>>;
  /** By POST. */
  readonly body?: Buffer;
}

export interface Http2Answer {
  readonly body: Buffer;
  readonly trailers: IncomingHttpHeaders;
}

/** One request of HTTP/2 on a connection of its own. Throws unless the answer is 200. */
export async function assertHttp2Answer({
  url,
  port,
  fields = {},
  body,
}: Http2Request): Promise<Http2Answer> {
  const { pathname, protocol, host, hostname } = new URL(url);
  const session = connectHttp2(`${protocol}//127.0.0.1:${port}`, {
    rejectUnauthorized: false,
    servername: hostname,
  });
  try {
    const method = body === undefined ? 'GET' : 'POST';
    const stream = session.request({ ':path': pathname, ':method': method, ':authority': host, ...fields });
    let status = 0;
    let trailers: IncomingHttpHeaders = {};
    stream.once('response', (head) => {
      status = head[':status'] ?? 0;
    });
    stream.once('trailers', (tail: IncomingHttpHeaders) => {
      trailers = tail;
    });
    stream.end(body);
    const pieces: Buffer[] = [];
    for await (const piece of stream) pieces.push(piece as Buffer); // Without an encoding they are buffers.
    if (status !== 200) throw new Error(`${url} by HTTP/2: 200 is wanted, got ${status}`);
    return { body: Buffer.concat(pieces), trailers };
  } finally {
    session.destroy();
  }
}

/** The status is 200; false also when nobody answers. */
export async function answersOk(url: string): Promise<boolean> {
  try {
    return (await ask(url, null)).status === 200;
  } catch {
    return false;
  }
}
