// Looks whether a proxy answers, and rightly, before it is measured.
import { once } from 'node:events';
import { type IncomingMessage, request as requestPlain } from 'node:http';
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
}

/** One request on a connection of its own; certificates are not checked. Rejects when there is no answer. */
export async function ask(url: string, host: string | null): Promise<Answer> {
  const send = url.startsWith('https:') ? requestTls : requestPlain;
  const request = send(url, {
    agent: false,
    rejectUnauthorized: false,
    headers: host === null ? {} : { host },
  });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.setEncoding('latin1');
  let body = '';
  for await (const chunk of response) body += chunk as string;
  return { status: response.statusCode ?? 0, body };
}

/** Throws unless the answer is 200 with a body of that size from the backend. */
export async function assertAnswer(url: string, host: string | null, bodyBytes: number): Promise<void> {
  const { status, body } = await ask(url, host);
  if (status !== 200 || body.length !== bodyBytes || !body.startsWith('a'))
    throw new Error(`${url}: 200 with ${bodyBytes} bytes is wanted, got ${status} with ${body.length} bytes`);
}

/** The status is 200; false also when nobody answers. */
export async function answersOk(url: string): Promise<boolean> {
  try {
    return (await ask(url, null)).status === 200;
  } catch {
    return false;
  }
}
