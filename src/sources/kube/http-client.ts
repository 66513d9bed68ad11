// KubeHttpClient: an ApiClient over HTTPS. Calls share a few connections that are kept open; each watch has one of its own.
// Tokens and certificates are those of the moment; a 401 makes them be fetched again, once. No secret is in any message.
import type { Agent as HttpAgent, IncomingMessage } from 'node:http';
import {
  type ApiCall,
  type ApiClient,
  type ApiReply,
  ApiStatusError,
  ApiUnavailableError,
  type ApiWatchFrame,
  expectOk,
} from './api-client.ts';
import { type ClusterConnection, type Credential, CredentialError } from './cluster-connection.ts';
import { createAgent } from './connection-agent.ts';
import { Deadline } from './deadline.ts';
import { ApiTooLargeError, codeOf, type Exchange, readBody, sendRequest } from './http-exchange.ts';
import { parseRetryAfter } from './retry-after.ts';
import { WarningLedger } from './warning-header.ts';
import { readFrames } from './watch-stream.ts';

export interface KubeHttpClientOptions {
  readonly connection: ClusterConnection;
  readonly userAgent?: string;
  /** Told each text of a Warning header once. */
  readonly onWarning?: (text: string) => void;
  readonly limits?: Partial<KubeHttpLimits>;
}

export interface KubeHttpLimits {
  /** Of connections for calls. */
  readonly maxSockets: number;
  /** Largest answer to a call. */
  readonly maxReplyBytes: number;
  /** Largest frame of a watch; etcd holds no object of more than 1.5 MiB. */
  readonly maxFrameBytes: number;
  /** For a whole call, and for the opening of a watch, where the call says nothing else. */
  readonly timeoutMs: number;
}

const defaultLimits: KubeHttpLimits = {
  maxSockets: 4,
  maxReplyBytes: 64 * 1024 * 1024,
  maxFrameBytes: 4 * 1024 * 1024,
  timeoutMs: 30_000,
};
/** Of a refusal, and of a refused answer's text in a message. */
const maxRefusalBytes = 1024 * 1024;
const maxShownChars = 200;

export class KubeHttpClient implements ApiClient {
  readonly #connection: ClusterConnection;
  readonly #limits: KubeHttpLimits;
  readonly #userAgent: string;
  readonly #warnings: WarningLedger;
  readonly #callAgent: HttpAgent;
  readonly #watchAgent: HttpAgent;

  constructor(options: KubeHttpClientOptions) {
    this.#connection = options.connection;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#userAgent = options.userAgent ?? 'sallyport';
    this.#warnings = new WarningLedger(options.onWarning ?? (() => undefined));
    const { maxSockets } = this.#limits;
    this.#callAgent = createAgent(options.connection, { keepAlive: true, maxSockets });
    this.#watchAgent = createAgent(options.connection, { keepAlive: false });
  }

  async call(call: ApiCall): Promise<ApiReply> {
    const deadline = new Deadline(call.timeoutMs ?? this.#limits.timeoutMs, call.signal);
    try {
      const response = await this.#send(call, this.#callAgent, deadline.signal);
      const bytes = await readBody(response, this.#limits.maxReplyBytes);
      return this.#replyOf(response, bytes);
    } catch (error) {
      throw this.#unavailable(error, deadline);
    } finally {
      deadline.end();
    }
  }

  async watch(call: ApiCall, onFrame: (frame: ApiWatchFrame) => void, onOpen?: () => void): Promise<void> {
    const deadline = new Deadline(call.timeoutMs ?? this.#limits.timeoutMs, call.signal);
    const taker = new FrameTaker(onFrame);
    try {
      const response = await this.#send(
        { ...call, query: { ...call.query, watch: 'true' } },
        this.#watchAgent,
        deadline.signal,
      );
      if (response.statusCode !== 200) {
        expectOk(this.#refusalOf(response, await readBody(response, maxRefusalBytes)));
        throw new ApiUnavailableError(`the watch was answered with ${response.statusCode}`);
      }
      deadline.lift();
      onOpen?.();
      await readFrames(response, this.#limits.maxFrameBytes, (frame) => taker.take(frame));
    } catch (error) {
      if (taker.hasFailed) throw error;
      if (call.signal?.aborted !== true) throw this.#unavailable(error, deadline);
    } finally {
      deadline.end();
    }
  }

  /** Closes idle connections; calls and watches under way go on. */
  close(): void {
    this.#callAgent.destroy();
    this.#watchAgent.destroy();
  }

  async #send(call: ApiCall, agent: HttpAgent, signal: AbortSignal): Promise<IncomingMessage> {
    const { credentials } = this.#connection;
    const used = await credentials.current();
    const response = await this.#exchange(call, { agent, signal }, used);
    if (response.statusCode !== 401) return response;
    const renewed = await credentials.renew(used);
    if (renewed === null) return response;
    response.resume();
    return this.#exchange(call, { agent, signal }, renewed);
  }

  async #exchange(
    call: ApiCall,
    parts: Pick<Exchange, 'agent' | 'signal'>,
    credential: Credential,
  ): Promise<IncomingMessage> {
    const { signal } = parts;
    signal.throwIfAborted();
    const response = await sendRequest(call, {
      ...parts,
      connection: this.#connection,
      credential,
      userAgent: this.#userAgent,
    });
    const { warning } = response.headers;
    this.#warnings.take(warning);
    return response;
  }

  #replyOf(response: IncomingMessage, bytes: Buffer): ApiReply {
    const status = response.statusCode ?? 0;
    if (status < 200 || status >= 300) return this.#refusalOf(response, bytes);
    if (bytes.length === 0) return { status, value: null, retryAfterMs: null };
    const value = parseJson(bytes);
    if (value === undefined) throw new ApiUnavailableError(`the answer (${status}) is not JSON`);
    return { status, value, retryAfterMs: null };
  }

  /** What refuses without a Status, such as a load balancer, gets one. */
  #refusalOf(response: IncomingMessage, bytes: Buffer): ApiReply {
    const status = response.statusCode ?? 0;
    const parsed = parseJson(bytes);
    const isStatus = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    const shown = bytes
      .toString('utf8', 0, 4 * maxShownChars)
      .replace(/\p{C}+/gu, ' ')
      .trim();
    const message = `the server answered ${status}: ${shown.slice(0, maxShownChars)}`;
    const value = isStatus ? parsed : { kind: 'Status', status: 'Failure', code: status, message };
    return {
      status,
      value,
      retryAfterMs: parseRetryAfter(response.headers['retry-after'], value, Date.now()),
    };
  }

  /** What a caller is told instead of the system's error; a Status and a fault of this program stay what they are. */
  #unavailable(error: unknown, deadline: Deadline): unknown {
    const where = `the API server at ${this.#connection.server.origin}`;
    if (error instanceof ApiStatusError) return error;
    if (deadline.isOver) {
      return new ApiUnavailableError(`${where} did not answer within ${deadline.timeoutMs} ms`);
    }
    if (deadline.signal.aborted) return new ApiUnavailableError('the call was cancelled');
    if (error instanceof ApiTooLargeError) return new ApiTooLargeError(`${where}: ${error.message}`);
    if (error instanceof ApiUnavailableError) return new ApiUnavailableError(`${where}: ${error.message}`);
    if (error instanceof CredentialError) return new ApiUnavailableError(error.message);
    const code = codeOf(error);
    return code === '' ? error : new ApiUnavailableError(`${where}: ${renderSystemError(error, code)}`);
  }
}

/** Tells faults of whoever takes the frames from faults of the stream. */
class FrameTaker {
  readonly #onFrame: (frame: ApiWatchFrame) => void;
  hasFailed = false;

  constructor(onFrame: (frame: ApiWatchFrame) => void) {
    this.#onFrame = onFrame;
  }

  take(frame: ApiWatchFrame): void {
    this.hasFailed = true;
    this.#onFrame(frame);
    this.hasFailed = false;
  }
}

/** A proxy's URL, which its errors show, may hold a password. */
function renderSystemError(error: unknown, code: string): string {
  const message = error instanceof Error && !code.startsWith('ERR_PROXY') ? error.message : '';
  return message.includes(code) || message === '' ? message || code : `${message} (${code})`;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
