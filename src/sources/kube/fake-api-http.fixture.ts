// A FakeApiServer behind a real HTTP port, with a hook between for whatever a network and its middle boxes do.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ApiCall, ApiStatusError } from './api-client.ts';
import type { FakeApiServer } from './fake-api-server.fixture.ts';

/** Writes a piece of an answer, or does not. */
export type Writer = (response: ServerResponse, text: string) => void;
/** True: it has dealt with the request itself. */
export type Interference = (request: IncomingMessage, response: ServerResponse) => boolean;

export class FakeApiHttp {
  readonly #api: FakeApiServer;
  readonly #server: Server;
  interfere: Interference = () => false;
  write: Writer = (response, text) => void response.write(text);

  constructor(api: FakeApiServer) {
    this.#api = api;
    this.#server = createServer((request, response) => void this.#take(request, response));
  }

  async listen(): Promise<URL> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return new URL(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    if (this.interfere(request, response)) return;
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://fake');
    const call: ApiCall = { method: 'GET', path: pathname, query: Object.fromEntries(searchParams) };
    if (searchParams.get('watch') === 'true') await this.#watch(call, response);
    else {
      const { status, value } = await this.#api.call(call);
      this.#answer(response, status, value);
    }
  }

  async #watch(call: ApiCall, response: ServerResponse): Promise<void> {
    const closed = new AbortController();
    response.on('close', () => closed.abort());
    response.on('error', () => undefined);
    try {
      await this.#api.watch(
        { ...call, signal: closed.signal },
        (frame) => this.write(response, `${JSON.stringify(frame)}\n`),
        () => {
          response.writeHead(200, { 'content-type': 'application/json' });
          response.flushHeaders();
        },
      );
      response.end();
    } catch (error) {
      if (error instanceof ApiStatusError && !response.headersSent) {
        const { status, reason, message } = error;
        this.#answer(response, status, { kind: 'Status', code: status, reason, message });
      } else response.destroy();
    }
  }

  #answer(response: ServerResponse, status: number, value: unknown): void {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
  }
}
