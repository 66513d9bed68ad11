// Asks an endpoint over a connection of its own, in the clear or over TLS: HTTP/1.1, of which the status line is all that is read, or nothing
// at all, where taking the connection is enough.
import { connect, type Socket } from 'node:net';
import { dialTls } from '../transport/dial-tls.ts';
import { Lanes, type Transport } from '../transport/transport.ts';
import { authorityOf, judgeStatus, type Question, type QuestionOptions, userAgent } from './question.ts';

/** More of a status line than this is not waited for. */
const maxLineBytes = 256;

/** `transport` null: in the clear. */
export function askBySocket(options: QuestionOptions, transport: Transport | null): Question {
  const { check } = options;
  const socket = dial(options, transport);
  let isOver = false;
  let line = '';
  const hangUp = (): void => {
    isOver = true;
    socket.destroy();
  };
  const judge = (reason: string): void => {
    if (isOver) return;
    isOver = true;
    // In order: the peer's end of the handshake is on its way.
    if (reason === '') socket.destroySoon();
    else socket.destroy();
    options.tell(reason);
  };
  socket.on(transport?.tls ? 'secureConnect' : 'connect', () => {
    if (check.kind === 'tcp') judge('');
    else if (!isOver) socket.write(renderRequest(options), 'latin1');
  });
  socket.on('data', (chunk: Buffer) => {
    if (isOver) return;
    line += chunk.toString('latin1', 0, maxLineBytes);
    const verdict = judgeStatusLine(line);
    if (verdict !== null) judge(verdict);
  });
  socket.on('error', (error: NodeJS.ErrnoException) => judge(error.code ?? 'error'));
  socket.on('close', () => judge('closed'));
  return { hangUp };
}

function dial({ endpoint }: QuestionOptions, transport: Transport | null): Socket {
  if (transport?.tls) {
    endpoint.lanes ??= new Lanes();
    return dialTls(endpoint, endpoint.lanes.ensure(transport), transport.tls, { allowHalfOpen: false });
  }
  const { address: host, port } = endpoint;
  return connect({ host, port, noDelay: true, autoSelectFamily: false });
}

function renderRequest(options: QuestionOptions): string {
  const { path } = options.check;
  return `GET ${path} HTTP/1.1\r\nHost: ${authorityOf(options)}\r\nUser-Agent: ${userAgent}\r\nAccept: */*\r\nConnection: close\r\n\r\n`;
}

/** Empty: good. Null: more of the line is to come. */
function judgeStatusLine(line: string): string | null {
  const end = line.indexOf('\n');
  if (end < 0) return line.length < maxLineBytes ? null : 'not HTTP';
  const status = Number(/^HTTP\/1\.[01] ([1-5]\d\d)(?: |\r?$)/.exec(line.slice(0, end))?.[1] ?? 0);
  return status === 0 ? 'not HTTP' : judgeStatus(status);
}
