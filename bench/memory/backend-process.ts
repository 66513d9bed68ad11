// The application behind the proxy: small answers, answers of any size as fast as they are taken, and a sink for request bodies.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { serveCompanion } from '../convergence/companion.ts';

export interface OriginTypes {
  readonly input: { readonly bodyBytes: number };
  /** The port. */
  readonly ready: number;
  readonly result: null;
}

const piece = Buffer.alloc(65_536, 'a');

function* pieces(bodyBytes: number): Generator<Buffer> {
  for (let left = bodyBytes; left > 0; left -= piece.length) yield piece.subarray(0, left);
}

serveCompanion<OriginTypes>(async ({ bodyBytes }) => {
  const server = createServer((request, response) => {
    if (request.url === '/large') {
      response.setHeader('Content-Length', bodyBytes);
      Readable.from(pieces(bodyBytes)).pipe(response);
      return;
    }
    request.resume();
    request.once('end', () => response.end('ok'));
  });
  server.requestTimeout = 0;
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 });
  await once(server, 'listening');
  return { ready: (server.address() as AddressInfo).port, stop: () => Promise.resolve(null) };
});
