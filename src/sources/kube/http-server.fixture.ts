// A real HTTP server for tests: each request goes to the next script in line, or to the last one again.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { anonymous, type ClusterConnection } from './cluster-connection.ts';
import { KubeHttpClient, type KubeHttpClientOptions } from './http-client.ts';

export type Script = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export class ScriptedServer {
  readonly requests: {
    readonly method: string;
    readonly url: string;
    readonly headers: IncomingMessage['headers'];
    readonly body: string;
  }[] = [];
  readonly server: Server;
  readonly #scripts: Script[];

  constructor(scripts: readonly Script[]) {
    this.#scripts = [...scripts];
    this.server = createServer((request, response) => void this.#take(request, response));
  }

  static async start(test: TestContext, ...scripts: readonly Script[]): Promise<ScriptedServer> {
    const scripted = new ScriptedServer(scripts);
    await new Promise<void>((resolve) => scripted.server.listen(0, '127.0.0.1', resolve));
    test.after(() => scripted.stop());
    return scripted;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
  }

  client(
    parts: Partial<ClusterConnection> = {},
    options: Partial<KubeHttpClientOptions> = {},
  ): KubeHttpClient {
    return new KubeHttpClient({ connection: { ...plainConnection(this.url), ...parts }, ...options });
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString('utf8');
    this.requests.push({
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body,
    });
    const script = this.#scripts.length > 1 ? this.#scripts.shift() : this.#scripts[0];
    script?.(request, response, body);
  }
}

export function plainConnection(server: URL): ClusterConnection {
  return {
    server,
    origin: 'a test',
    namespace: 'default',
    tls: { authorities: null, isVerified: true, serverName: null },
    credentials: anonymous,
    proxy: null,
    impersonation: [],
    warnings: [],
  };
}

/** Answers with JSON. */
export function answer(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Script {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(value));
  };
}

/** Answers 200 with these pieces, each sent on its own. `finish`: end well, break off, or leave open. */
export function stream(
  pieces: readonly (Buffer | string)[],
  finish: 'end' | 'break' | 'open' = 'end',
): Script {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    void (async () => {
      for (const piece of pieces) {
        await new Promise<void>((resolve) => response.write(piece, () => resolve()));
      }
      if (finish === 'end') response.end();
      else if (finish === 'break') response.destroy();
    })();
  };
}
