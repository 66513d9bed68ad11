// Requests of the webhook: POST of an AdmissionReview to any path, GET /healthz; everything else is refused in one line of text.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseReview, renderReview } from './admission-review.ts';
import { decide, type DecideParts, type TryingTranslator } from './decide.ts';
import { BodyBudget } from './read-body.ts';

export interface ReviewRequestsOptions {
  /** The one in force, which is another after a fault; null before all objects were read once. */
  readonly translator: () => TryingTranslator | null;
  readonly isWatched: (namespace: string) => boolean;
  /** Milliseconds since the epoch; certificates expire by it. */
  readonly nowMs: () => number;
  readonly onFault: DecideParts['onFault'];
  readonly maxBodyBytes: number;
  readonly maxHeldBytes: number;
}

/** Since the start. */
export interface WebhookCounts {
  readonly allowed: number;
  readonly refused: number;
  /** Reviews that got no decision: not ready, broken, too large. */
  readonly failed: number;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type: 'application/json' | 'text/plain; charset=utf-8';
  /** The API server then tries again until its time for the webhook is over, instead of telling what is wrong. */
  readonly isPassing?: boolean;
}

/** How much of a refused body is read, so that its sender reads the answer. */
const maxDiscardedBytes = 16 * 1024 * 1024;

export class ReviewRequests {
  readonly #options: ReviewRequestsOptions;
  readonly #budget: BodyBudget;
  #allowed = 0;
  #refused = 0;
  #failed = 0;

  constructor(options: ReviewRequestsOptions) {
    this.#options = options;
    this.#budget = new BodyBudget(options.maxBodyBytes, options.maxHeldBytes);
  }

  counts(): WebhookCounts {
    return { allowed: this.#allowed, refused: this.#refused, failed: this.#failed };
  }

  /** Never rejects. */
  async serve(request: IncomingMessage, response: ServerResponse, confirm: () => void): Promise<void> {
    response.on('error', () => undefined);
    const answer = await this.#answer(request, confirm);
    if (answer !== null) send(request, response, answer);
    else response.destroy();
  }

  /** Null: the client left. */
  async #answer(request: IncomingMessage, confirm: () => void): Promise<Answer | null> {
    const { method = '' } = request;
    if (method === 'GET' || method === 'HEAD') return answerPage(request);
    if (method !== 'POST') return textAnswer(405, 'wanted a POST of an AdmissionReview, or GET /healthz');
    const refused = judgeHead(request);
    if (refused !== null) return this.#fail(refused);
    const { maxBodyBytes } = this.#budget;
    if (Number(request.headers['content-length'] ?? 0) <= maxBodyBytes) confirm();
    const body = await this.#budget.read(request);
    if (body.kind === 'body') return this.#review(body.bytes);
    if (body.kind === 'gone') return null;
    return this.#fail(
      body.kind === 'tooLarge'
        ? textAnswer(413, `the body is longer than ${maxBodyBytes} bytes`)
        : { ...textAnswer(503, 'too many reviews at once, try again'), isPassing: true },
    );
  }

  #review(bytes: Uint8Array): Answer {
    const { translator: current, isWatched, nowMs, onFault } = this.#options;
    const translator = current();
    if (translator === null)
      return this.#fail(textAnswer(503, 'not ready: the objects of the cluster have not all been read yet'));
    const parsed = parseReview(bytes);
    if (!parsed.ok) return this.#fail(textAnswer(400, parsed.message));
    const { request } = parsed;
    const decision = decide(request, { translator, isWatched, onFault, nowMs: nowMs() });
    if (decision.refusal === null) this.#allowed += 1;
    else this.#refused += 1;
    return { status: 200, body: renderReview(request.uid, decision), type: 'application/json' };
  }

  #fail(answer: Answer): Answer {
    this.#failed += 1;
    return answer;
  }
}

function answerPage(request: IncomingMessage): Answer {
  const path = (request.url ?? '').replace(/\?.*$/s, '');
  return path === '/healthz' ? textAnswer(200, 'ok') : textAnswer(404, 'not found');
}

function judgeHead({ headers }: IncomingMessage): Answer | null {
  const type = (headers['content-type'] ?? '').replace(/;.*$/s, '').trim().toLowerCase();
  if (type !== 'application/json') return textAnswer(415, 'wanted a body of type "application/json"');
  const encoding = (headers['content-encoding'] ?? 'identity').toLowerCase();
  return encoding === 'identity' ? null : textAnswer(415, 'wanted a body without content encoding');
}

function textAnswer(status: number, text: string): Answer {
  return { status, body: `${text}\n`, type: 'text/plain; charset=utf-8' };
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (response.destroyed) return;
  if (!request.complete) {
    response.shouldKeepAlive = false;
    // A client that waits to be told to send (Expect: 100-continue) sends nothing now.
    if (request.headers.expect === undefined) discard(request);
  }
  if (answer.isPassing === true) response.setHeader('Retry-After', '1');
  if (answer.status === 405) response.setHeader('Allow', 'POST, GET, HEAD');
  response.writeHead(answer.status, {
    'Content-Type': answer.type,
    'Content-Length': Buffer.byteLength(answer.body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(request.method === 'HEAD' ? undefined : answer.body);
}

/** A connection that is closed while its client still sends is reset, and the client then never reads why. */
function discard(request: IncomingMessage): void {
  let leftBytes = maxDiscardedBytes;
  request.on('data', (chunk: Buffer) => {
    leftBytes -= chunk.length;
    if (leftBytes < 0) request.destroy();
  });
  request.resume();
}
