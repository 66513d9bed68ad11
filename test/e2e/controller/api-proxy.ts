// A proxy between a controller and an API server, with a certificate of its own, so that a test can read what is asked and spoil what
// is answered: cut, hold up, refuse, replace, or change the lines of a watch.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, createServer, request } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { stringify } from 'yaml';
import { makeSelfSigned } from '../../behaviour/self-signed.ts';
import type { Access } from './api.ts';

/** What is asked. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly isWatch: boolean;
}

export type Fault =
  /** The connection ends after so many bytes of the answer's body; 0: before its head. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Never answered. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'delay'; readonly timeMs: number }
  /** Answered by the proxy itself. */
  | { readonly kind: 'answer'; readonly status: number; readonly body: string; readonly type?: string }
  /** Each line of a watch becomes these; `null`: the connection ends. */
  | { readonly kind: 'lines'; readonly change: (line: string) => readonly string[] | null };

const serverName = 'api.test';

export class ApiProxy {
  /** Decides about each request; null: it passes. */
  fault: (asked: Asked) => Fault | null = () => null;
  /** Requests so far, by what was asked. */
  readonly asked: Asked[] = [];
  readonly #access: Access;
  readonly #identity = makeSelfSigned([serverName]);
  readonly #server;
  readonly #agent: Agent;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(access: Access) {
    this.#access = access;
    this.#agent = new Agent({ keepAlive: true, ca: access.authorityPem });
    const { chainPem: cert, keyPem: key } = this.#identity;
    this.#server = createServer({ cert, key }, (incoming, answer) => this.#take(incoming, answer));
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
      if (this.#isCut) socket.resetAndDestroy();
    });
  }

  static async start(t: TestContext, access: Access): Promise<ApiProxy> {
    const proxy = new ApiProxy(access);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    t.after(() => {
      proxy.#server.close();
      proxy.cut();
      proxy.#agent.destroy();
    });
    return proxy;
  }

  /** A kubeconfig that leads through here. */
  writeKubeconfig(path: string): void {
    const { port } = this.#server.address() as AddressInfo;
    const cluster = {
      server: `https://127.0.0.1:${port}`,
      'tls-server-name': serverName,
      'certificate-authority-data': Buffer.from(this.#identity.chainPem).toString('base64'),
    };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: { token: this.#access.token } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'default' } }],
      'current-context': 'x',
    };
    writeFileSync(path, stringify(config), { mode: 0o600 });
  }

  /** Every connection is reset, and every new one too. */
  cut(): void {
    this.#isCut = true;
    this.endConnections();
  }

  restore(): void {
    this.#isCut = false;
  }

  /** Those that are open now; new ones are taken. */
  endConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #take(incoming: IncomingMessage, answer: ServerResponse): void {
    incoming.on('error', () => {});
    answer.on('error', () => {});
    const { pathname: path, searchParams: query } = new URL(incoming.url ?? '/', 'https://proxy');
    const asked = { method: incoming.method ?? '', path, query, isWatch: query.has('watch') };
    this.asked.push(asked);
    const fault = this.fault(asked);
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'answer') {
      incoming.resume();
      answer.writeHead(fault.status, { 'content-type': fault.type ?? 'application/json' });
      answer.end(fault.body);
      return;
    }
    if (fault?.kind !== 'delay') this.#forward(incoming, answer, fault);
    else setTimeout(() => this.#forward(incoming, answer, null), fault.timeMs).unref();
  }

  #forward(
    incoming: IncomingMessage,
    answer: ServerResponse,
    fault: Extract<Fault, { kind: 'cut' | 'lines' }> | null,
  ): void {
    const { host: _, ...headers } = incoming.headers;
    const sent = request(new URL(incoming.url ?? '/', this.#access.server), {
      method: incoming.method ?? 'GET',
      headers,
      agent: this.#agent,
    });
    sent.on('error', () => incoming.socket.destroy());
    answer.on('close', () => sent.destroy());
    sent.on('response', (response) => {
      response.on('error', () => incoming.socket.destroy());
      if (fault?.kind === 'cut') relayCut(response, answer, fault.afterBytes);
      else if (fault?.kind === 'lines') relayLines(response, answer, fault.change);
      else {
        answer.writeHead(response.statusCode ?? 500, response.headers);
        answer.flushHeaders();
        response.pipe(answer);
      }
    });
    incoming.pipe(sent);
  }
}

function relayCut(response: IncomingMessage, answer: ServerResponse, afterBytes: number): void {
  if (afterBytes === 0) {
    answer.destroy();
    return;
  }
  answer.writeHead(response.statusCode ?? 500, response.headers);
  let left = afterBytes;
  response.on('data', (chunk: Buffer) => {
    answer.write(chunk.subarray(0, left), () => left <= 0 && answer.destroy());
    left -= chunk.length;
  });
  response.on('end', () => answer.end());
}

function relayLines(
  response: IncomingMessage,
  answer: ServerResponse,
  change: (line: string) => readonly string[] | null,
): void {
  answer.writeHead(response.statusCode ?? 500, response.headers);
  answer.flushHeaders();
  let rest = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const changed = change(line);
      if (changed === null) answer.destroy();
      else for (const each of changed) answer.write(`${each}\n`);
    }
  });
  response.on('end', () => answer.end(rest));
}
