// The life of one request: who asks, whether it may be read, its body, the API's answer. Nothing of a request whose client is not
// known is read beyond its head.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../observe/logger.ts';
import { ApiError } from '../api-error.ts';
import type { ApiHandler, ApiRequest, ApiResponse, UserInfo, WatchResponse } from '../rest/api-request.ts';
import type { Authenticate } from './authenticate.ts';
import { clientSubjectOf } from './client-subject.ts';
import type { ConnectionRegister } from './connection-register.ts';
import { createHealthPages, pageNotFound, renderVersion, type HealthCheck } from './health.ts';
import { impersonate } from './impersonate.ts';
import type { ApiLimits } from './limits.ts';
import { encodingTypes, negotiateEncoding } from './negotiate.ts';
import { BodyBudget, discardBody, readBody } from './read-body.ts';
import { methods, refusal, refusals } from './refusals.ts';
import {
  hasHealthPage,
  hasPages,
  isApiPath,
  isOpenPath,
  isVersionPath,
  parseTarget,
} from './request-target.ts';
import { sendAnswer } from './send-answer.ts';
import { renderWarnings } from './warning-fields.ts';
import { WatchBudget } from './watch-budget.ts';
import { WatchStream } from './watch-stream.ts';

export interface RequestServerOptions {
  readonly authenticate: Authenticate;
  readonly handler: ApiHandler;
  readonly logger: Logger;
  readonly packageVersion: string;
  readonly checks: readonly HealthCheck[];
  readonly limits: ApiLimits;
  readonly connections: ConnectionRegister;
  readonly now?: () => number;
}

/** A request whose head was judged. */
interface Admitted {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly user: UserInfo;
}

/** How much of a refused request is read so that its client reads the answer. */
const discardBytes = 4 * 1024 * 1024;
const discardMs = 1000;
const anonymous: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
const prettyAgents = /^(?:curl|Wget|Mozilla)\//;

export class RequestServer {
  readonly #options: RequestServerOptions;
  readonly #budget: BodyBudget;
  readonly #healthPages: ReturnType<typeof createHealthPages>;
  readonly #watchBudget: WatchBudget;
  readonly #watches = new Set<WatchStream>();
  #requests = 0;
  #isStopping = false;

  constructor(options: RequestServerOptions) {
    this.#options = options;
    this.#budget = new BodyBudget(options.limits.maxHeldBodyBytes);
    this.#watchBudget = new WatchBudget(options.limits);
    this.#healthPages = createHealthPages(options.checks, options.logger);
  }

  /** Ends every watch, and every connection behind its answer. */
  stop(): void {
    this.#isStopping = true;
    for (const watch of this.#watches) watch.end();
  }

  /** `confirm` tells a client that waits for it to send the body (Expect: 100-continue). */
  async serve(request: IncomingMessage, response: ServerResponse, confirm: () => void): Promise<void> {
    const connection = this.#options.connections.begin(request.socket);
    response.once('close', connection.end);
    response.on('error', ignore);
    response.setHeader('Audit-Id', auditIdOf(request));
    if (this.#isStopping) response.shouldKeepAlive = false;
    const startMs = this.#now();
    try {
      const admitted = this.#admit(request);
      if ('kind' in admitted) {
        response.shouldKeepAlive = false;
        return await this.#refuse(request, response, admitted);
      }
      if (admitted.user === anonymous) response.shouldKeepAlive = false;
      else connection.markKnown();
      await this.#answer(request, response, admitted, confirm);
    } catch (error) {
      await this.#fail(request, response, error);
    } finally {
      this.#log(request, response, startMs);
    }
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now();
  }

  #admit(request: IncomingMessage): Admitted | ApiResponse {
    const { headers } = request;
    const authentication = this.#options.authenticate(
      { authorization: headers.authorization ?? '', certificate: clientSubjectOf(request.socket) },
      this.#now(),
    );
    // Before the path is read: also on open pages, as kube-apiserver does.
    if (authentication.kind === 'invalid') return refusals.unauthorized();
    const target = parseTarget(request.url ?? '');
    if (authentication.kind === 'none') {
      if (target === null || !isOpenPath(target.path)) return refusals.unauthorized();
      return { ...target, user: anonymous };
    }
    if (target === null) return refusals.badRequest('the request target is no path');
    try {
      return { ...target, user: impersonate(headers, authentication.user) };
    } catch (error) {
      if (error instanceof ApiError) return refusal(error);
      throw error;
    }
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    admitted: Admitted,
    confirm: () => void,
  ): Promise<void> {
    const refused = this.#judgeHead(request, admitted);
    if (refused !== null) return await this.#refuse(request, response, refused, admitted);
    const open = this.#answerOpenPage(admitted);
    if (open !== null) return await this.#refuse(request, response, open, admitted);
    if (this.#requests >= this.#options.limits.maxRequests)
      return await this.#refuse(request, response, refusals.tooManyRequests(), admitted);
    this.#requests += 1;
    try {
      const answer = await this.#ask(request, admitted, confirm);
      if (answer === null) response.destroy();
      else if (answer.kind === 'watch') await this.#watch(request, response, answer);
      else if (request.complete) await this.#send(request, response, answer, admitted);
      else await this.#refuse(request, response, answer, admitted);
    } finally {
      this.#requests -= 1;
    }
  }

  /** What can be said without the body; null: nothing against it. */
  #judgeHead(request: IncomingMessage, { path }: Admitted): ApiResponse | null {
    const { headers, method = '' } = request;
    if (!isMethod(method) && !(method === 'HEAD' && hasPages(path))) return refusals.methodNotAllowed();
    if (isApiPath(path) && negotiateEncoding(headers.accept ?? '') === null)
      return refusals.notAcceptable(Object.values(encodingTypes).join(', '));
    const encoding = headers['content-encoding'] ?? 'identity';
    if (encoding.toLowerCase() !== 'identity') return refusals.encodedBody(encoding);
    return null;
  }

  /** Pages for everybody take no body and no place among the requests; beyond them there is nothing for a client without a name. */
  #answerOpenPage({ path, query, user }: Admitted): ApiResponse | null {
    const page = this.#healthPages(path, query);
    if (page !== null) return page;
    if (isVersionPath(path)) return renderVersion(this.#options.packageVersion);
    if (user === anonymous) return refusals.unauthorized();
    return hasHealthPage(path) ? pageNotFound() : null;
  }

  /** Null: the client left. */
  async #ask(
    request: IncomingMessage,
    { path, query, user }: Admitted,
    confirm: () => void,
  ): Promise<ApiResponse | null> {
    const { limits, handler } = this.#options;
    if (Number(request.headers['content-length'] ?? 0) <= limits.maxBodyBytes) confirm();
    const body = await readBody(request, limits.maxBodyBytes, this.#budget);
    if (body.kind === 'gone') return null;
    if (body.kind === 'tooLarge') return refusals.tooLarge(limits.maxBodyBytes);
    if (body.kind === 'busy') return refusals.tooManyRequests();
    try {
      return handler(apiRequestOf(request, path, query, user, body.bytes));
    } finally {
      this.#budget.giveBack(body.bytes.length);
    }
  }

  /** Answers although the client still sends; the connection ends with it when there is too much left. */
  async #refuse(
    request: IncomingMessage,
    response: ServerResponse,
    answer: ApiResponse,
    admitted?: Admitted,
  ): Promise<void> {
    const waitsForConfirmation = request.headers.expect !== undefined;
    if (!waitsForConfirmation) await discardBody(request, discardBytes, discardMs);
    if (!request.complete) response.shouldKeepAlive = false;
    await this.#send(request, response, answer, admitted);
  }

  async #send(
    request: IncomingMessage,
    response: ServerResponse,
    answer: ApiResponse,
    admitted?: Admitted,
  ): Promise<void> {
    if (answer.kind === 'watch' || response.destroyed) return;
    await sendAnswer(request, response, answer, {
      encoding: negotiateEncoding(request.headers.accept ?? '') ?? 'json',
      isPretty: isPretty(request, admitted),
      responseMs: this.#options.limits.responseMs,
    });
  }

  async #watch(request: IncomingMessage, response: ServerResponse, answer: WatchResponse): Promise<void> {
    if (response.destroyed) return;
    if (negotiateEncoding(request.headers.accept ?? '') !== 'json')
      return await this.#send(request, response, refusals.noSuchStream(encodingTypes.json));
    request.socket.setTimeout(0); // Nothing may happen for an hour.
    const warnings = renderWarnings(answer.warnings);
    if (warnings.length > 0) response.setHeader('Warning', warnings);
    response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private' });
    response.flushHeaders();
    const { limits } = this.#options;
    const stream: WatchStream = new WatchStream(response, limits, this.#watchBudget, () =>
      this.#watches.delete(stream),
    );
    this.#watches.add(stream);
    stream.start(answer);
    if (this.#isStopping) stream.end();
  }

  /** Our own defect; the client learns nothing of it. */
  async #fail(request: IncomingMessage, response: ServerResponse, error: unknown): Promise<void> {
    this.#options.logger.error({ error, ...describe(request) }, 'API request failed');
    if (response.headersSent) response.destroy();
    else await sendAnswer(request, response, refusals.internal(), failureOptions).catch(ignore);
  }

  #log(request: IncomingMessage, response: ServerResponse, startMs: number): void {
    const { statusCode } = response;
    const fields = { ...describe(request), status: statusCode, durationMs: this.#now() - startMs };
    this.#options.logger.debug(fields, 'API request');
  }
}

const failureOptions = { encoding: 'json', isPretty: false, responseMs: 10_000 } as const;

function isMethod(method: string): method is ApiRequest['method'] {
  return methods.some((known) => known === method);
}

function apiRequestOf(
  request: IncomingMessage,
  path: string,
  query: URLSearchParams,
  user: UserInfo,
  body: Uint8Array,
): ApiRequest {
  const { headers, method = '' } = request;
  return {
    method: isMethod(method) ? method : 'GET', // HEAD, where it is answered.
    path,
    query,
    accept: headers.accept ?? '',
    contentType: headers['content-type'] ?? '',
    userAgent: headers['user-agent'] ?? '',
    user,
    body,
  };
}

/** The client's own, when it is one, else a new one: the same in the client's log and in ours. */
function auditIdOf(request: IncomingMessage): string {
  const field = request.headers['audit-id'];
  return typeof field === 'string' && /^[\w-]{1,64}$/.test(field) ? field : randomUUID();
}

/** People read what these programs fetch. */
function isPretty(request: IncomingMessage, admitted?: Admitted): boolean {
  const asked = admitted?.query.get('pretty');
  if (asked != null) return ['true', '1', ''].includes(asked);
  return prettyAgents.test(request.headers['user-agent'] ?? '');
}

/** For the log: no query, no fields, nothing that could be a secret. */
function describe(request: IncomingMessage): object {
  const [path] = (request.url ?? '').split('?', 1);
  return { method: request.method, path, client: request.socket.remoteAddress };
}

function ignore(): void {}
