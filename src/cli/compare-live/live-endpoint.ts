// LiveEndpoint: one of the two running proxies: sends requests to it, whatever host they are for, and keeps of each answer what is compared.
import { createHash } from 'node:crypto';
import { Agent as HttpAgent, type IncomingMessage, request as sendHttp } from 'node:http';
import { Agent as HttpsAgent, request as sendHttps } from 'node:https';
import { isIP } from 'node:net';
import type { ListedRequest } from '../request-list/index.ts';

/** What is compared of an answer. */
export interface Seen {
  /** 0: there was none. */
  readonly status: number;
  /** Code of the failure; empty: none. */
  readonly error: string;
  /** Of the fields that are compared, by lower-case name; what is not there is missing. */
  readonly fields: ReadonlyMap<string, string>;
  /** Fingerprint of the body; empty: not compared. */
  readonly bodyHash: string;
  readonly bodyBytes: number;
}

export interface LiveEndpointOptions {
  /** Where to connect; the path is not used. */
  readonly url: URL;
  readonly maxConnections: number;
  readonly timeoutMs: number;
  /** Of a body; what is longer fails. */
  readonly maxBodyBytes: number;
  /** Lower-case names. */
  readonly comparedFields: readonly string[];
  readonly comparesBody: boolean;
  /** Sent with every request. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** False: whatever certificate is shown is taken. */
  readonly verifiesCertificate: boolean;
}

export class LiveEndpoint {
  readonly #options: LiveEndpointOptions;
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(options: LiveEndpointOptions) {
    this.#options = options;
    const agent = { keepAlive: true, maxSockets: options.maxConnections };
    this.#agent = options.url.protocol === 'https:' ? new HttpsAgent(agent) : new HttpAgent(agent);
  }

  /** Never rejects: a failure is something to compare. */
  send(asked: ListedRequest, host: string): Promise<Seen> {
    return new Promise((resolve) => {
      const { url, timeoutMs, fields, verifiesCertificate } = this.#options;
      const headers = Object.fromEntries([['Host', host], ...fields]);
      const common = {
        agent: this.#agent,
        host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
        port: url.port === '' ? undefined : Number(url.port),
        method: asked.method,
        path: asked.rawPath + asked.query,
        headers,
        signal: AbortSignal.timeout(timeoutMs),
      };
      const onAnswer = (answer: IncomingMessage): void => void this.#read(answer).then(resolve, fail);
      const fail = (error: unknown): void => resolve(failed(error));
      try {
        const name = host.replace(/:\d+$/, '');
        const tls = {
          ...(isIP(name) === 0 && { servername: name }),
          rejectUnauthorized: verifiesCertificate,
        };
        const request =
          url.protocol === 'https:' ? sendHttps({ ...common, ...tls }, onAnswer) : sendHttp(common, onAnswer);
        request.on('error', fail);
        request.end();
      } catch (error) {
        fail(error);
      }
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  async #read(answer: IncomingMessage): Promise<Seen> {
    const { comparedFields, comparesBody, maxBodyBytes } = this.#options;
    const hash = createHash('sha256');
    let bodyBytes = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bodyBytes += chunk.length;
      if (bodyBytes > maxBodyBytes) {
        answer.destroy();
        return { ...failed(null), status: answer.statusCode ?? 0, error: 'body-too-long' };
      }
      if (comparesBody) hash.update(chunk);
    }
    const fields = new Map<string, string>();
    for (const name of comparedFields) {
      const value = answer.headers[name];
      if (value !== undefined) fields.set(name, Array.isArray(value) ? value.join(', ') : value);
    }
    return {
      status: answer.statusCode ?? 0,
      error: '',
      fields,
      bodyHash: comparesBody ? hash.digest('hex').slice(0, 16) : '',
      bodyBytes,
    };
  }
}

function failed(error: unknown): Seen {
  return { status: 0, error: codeOf(error), fields: new Map(), bodyHash: '', bodyBytes: 0 };
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  // The signal of the time-out is an AbortError without a code that says more.
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'timeout';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
