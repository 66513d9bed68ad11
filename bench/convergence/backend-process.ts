// The applications behind the Ingresses: two ports that answer every GET at once with a hundred bytes of one letter.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { serveCompanion } from './companion.ts';

export interface BackendInput {
  readonly address: string;
}

export interface BackendReady {
  /** Answers with `a`. */
  readonly port: number;
  /** Answers with `b`. */
  readonly otherPort: number;
}

/** How the benchmark speaks to this program. */
export interface BackendTypes {
  readonly input: BackendInput;
  readonly ready: BackendReady;
  readonly result: null;
}

const headEnd = '\r\n\r\n';

function serveLetter(letter: string): Server {
  const answer = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n${letter.repeat(100)}`;
  return createServer({ noDelay: true }, (socket) => {
    let rest = '';
    socket.setEncoding('latin1');
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: string) => {
      const parts = (rest + chunk).split(headEnd);
      rest = parts.pop() ?? '';
      if (parts.length > 0) socket.write(answer.repeat(parts.length));
    });
  });
}

async function listen(letter: string, address: string): Promise<number> {
  const server = serveLetter(letter).listen(0, address);
  await once(server, 'listening');
  // A listening TCP server has an address of this form.
  return (server.address() as AddressInfo).port;
}

serveCompanion<BackendTypes>(async ({ address }) => ({
  ready: { port: await listen('a', address), otherPort: await listen('b', address) },
  stop: () => Promise.resolve(null),
}));
