// One request to an API server over HTTPS, the embedded one or a real one, told as it is: status, fields, body, the frames of a watch.
import { Agent, request as requestHttps } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { parse } from 'yaml';
import { loadKubeconfig } from '../../src/sources/index.ts';

export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly warnings: readonly string[];
  readonly retryAfter: string | null;
  /** Parsed JSON or YAML, else the text. */
  readonly body: unknown;
}

export interface WatchAnswer extends Omit<Answer, 'body'> {
  readonly frames: readonly unknown[];
  /** Whether the server ended it. */
  readonly isEnded: boolean;
}

/** Longer than any answer takes; a watch that brings less than it should ends then. */
const patienceMs = 60_000;

export class ApiExchange {
  readonly #server: URL;
  readonly #authorization: string;
  readonly #agent: Agent;

  private constructor(server: URL, authorization: string, agent: Agent) {
    this.#server = server;
    this.#authorization = authorization;
    this.#agent = agent;
  }

  static async open(kubeconfigPath: string): Promise<ApiExchange> {
    const connection = loadKubeconfig({ path: kubeconfigPath, env: {}, homeDir: '/' });
    const { authorization } = await connection.credentials.current();
    const { authorities, isVerified } = connection.tls;
    const agent = new Agent({
      keepAlive: true,
      rejectUnauthorized: isVerified,
      ...(authorities === null ? {} : { ca: authorities.read() }),
    });
    return new ApiExchange(connection.server, authorization ?? '', agent);
  }

  async send(wire: WireRequest): Promise<Answer> {
    const response = await this.#start(wire);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const { contentType, ...head } = headOf(response);
    return { ...head, contentType, body: parseBody(contentType, Buffer.concat(chunks).toString()) };
  }

  /** `onOpen` runs when the server has accepted the watch; then so many frames are read, or all until it ends. */
  async watch(
    wire: WireRequest,
    wanted: number | 'end',
    onOpen: () => Promise<void>,
  ): Promise<WatchAnswer | Answer> {
    const response = await this.#start(wire);
    const head = headOf(response);
    const reader = new FrameReader(response, wanted === 'end' ? Infinity : wanted);
    if (head.status !== 200) {
      return { ...head, body: parseBody(head.contentType, await reader.readText()) };
    }
    await onOpen();
    const isEnded = await reader.readFrames(patienceMs);
    response.destroy();
    return { ...head, frames: reader.frames, isEnded };
  }

  close(): void {
    this.#agent.destroy();
  }

  /** A connection that was kept may be closed by the server at the moment of its reuse: then another one is tried. */
  async #start(wire: WireRequest): Promise<IncomingMessage> {
    for (;;) {
      const attempt = await this.#attempt(wire);
      if (attempt !== 'again') return attempt;
    }
  }

  #attempt({ method, path, headers, body }: WireRequest): Promise<IncomingMessage | 'again'> {
    return new Promise((resolve, reject) => {
      const request = requestHttps({
        host: this.#server.hostname,
        port: this.#server.port,
        agent: this.#agent,
        method,
        path,
        headers: {
          authorization: this.#authorization,
          'user-agent': 'parity/1.0 (corpus)',
          ...(body === null ? {} : { 'content-length': String(body.length) }),
          ...headers,
        },
      });
      request.once('response', resolve).once('error', (error: NodeJS.ErrnoException) => {
        if (request.reusedSocket && error.code === 'ECONNRESET') resolve('again');
        else reject(error);
      });
      request.end(body);
    });
  }
}

/** Collects the lines of a watch from the moment that it is made. */
class FrameReader {
  readonly frames: unknown[] = [];
  readonly #response: IncomingMessage;
  readonly #wanted: number;
  #text = '';
  #isEnded = false;
  #wake: () => void = () => undefined;

  constructor(response: IncomingMessage, wanted: number) {
    this.#response = response;
    this.#wanted = wanted;
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => this.#take(chunk));
    response.once('error', () => this.#end());
    response.once('end', () => this.#end());
  }

  async readText(): Promise<string> {
    while (!this.#isEnded) await this.#change();
    return this.#text;
  }

  /** Whether the server ended the stream. */
  async readFrames(timeoutMs: number): Promise<boolean> {
    const late = { is: false };
    const timer = setTimeout(() => {
      late.is = true;
      this.#wake();
    }, timeoutMs);
    while (!this.#isEnded && !late.is && this.frames.length < this.#wanted) await this.#change();
    clearTimeout(timer);
    return this.#isEnded;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #take(chunk: string): void {
    this.#text += chunk;
    if (this.#response.statusCode === 200) {
      const lines = this.#text.split('\n');
      this.#text = lines.pop() ?? '';
      this.frames.push(...lines.map((line): unknown => JSON.parse(line)));
    }
    this.#wake();
  }

  #end(): void {
    this.#isEnded = true;
    this.#wake();
  }
}

function headOf({ statusCode = 0, headers, rawHeaders }: IncomingMessage): Omit<Answer, 'body'> {
  const warnings = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 && name.toLowerCase() === 'warning' ? [rawHeaders[index + 1] ?? ''] : [],
  );
  return {
    status: statusCode,
    contentType: headers['content-type'] ?? '',
    warnings,
    retryAfter: headers['retry-after'] ?? null,
  };
}

function parseBody(contentType: string, text: string): unknown {
  if (contentType.includes('json')) return text === '' ? null : (JSON.parse(text) as unknown);
  if (contentType.includes('yaml')) return parse(text, { version: '1.1' }) as unknown;
  return text;
}
