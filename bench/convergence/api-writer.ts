// ApiWriter: writes objects to an API server over keep-alive HTTPS, as any client would, and tells when its reply came.
import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { homedir } from 'node:os';
import { loadKubeconfig } from '../../src/sources/index.ts';

export type WriteMethod = 'POST' | 'PUT' | 'PATCH';

export interface WriteReply {
  /** From the request until the head of the reply was there. */
  readonly replyMs: number;
  /** When it was there, on the clock of `performance.now()`. */
  readonly repliedMs: number;
}

const maxComplaintChars = 500;

export class ApiWriter {
  readonly #server: URL;
  readonly #agent: Agent;
  readonly #authorization: string;

  private constructor(server: URL, agent: Agent, authorization: string) {
    this.#server = server;
    this.#agent = agent;
    this.#authorization = authorization;
  }

  /** At most `connections` requests at a time. */
  static async open(kubeconfigPath: string, connections: number): Promise<ApiWriter> {
    const { server, tls, credentials } = loadKubeconfig({
      path: kubeconfigPath,
      env: {},
      homeDir: homedir(),
    });
    const { authorization } = await credentials.current();
    const agent = new Agent({ keepAlive: true, maxSockets: connections, ca: tls.authorities?.read() });
    return new ApiWriter(server, agent, authorization ?? '');
  }

  /** Rejects for any answer but 2xx and, for what is made, 409: it is there already. */
  async write(method: WriteMethod, path: string, body: unknown): Promise<WriteReply> {
    const text = JSON.stringify(body);
    const startedMs = performance.now();
    return await new Promise((resolve, reject) => {
      const outgoing = request(new URL(path, this.#server), {
        method,
        agent: this.#agent,
        headers: {
          authorization: this.#authorization,
          accept: 'application/json',
          'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
          'content-length': Buffer.byteLength(text),
        },
      });
      outgoing.on('error', reject);
      outgoing.on('response', (reply) => {
        const repliedMs = performance.now();
        readBody(reply).then((answer) => {
          const status = reply.statusCode ?? 0;
          const isDone = (status >= 200 && status < 300) || (method === 'POST' && status === 409);
          if (isDone) resolve({ replyMs: repliedMs - startedMs, repliedMs });
          else reject(new Error(`${method} ${path}: ${status} ${answer.slice(0, maxComplaintChars)}`));
        }, reject);
      });
      outgoing.end(text);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function readBody(reply: IncomingMessage): Promise<string> {
  reply.setEncoding('utf8');
  let text = '';
  for await (const chunk of reply) text += chunk as string;
  return text;
}
