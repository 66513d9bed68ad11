// Runs a case of the corpus against an API server: a namespace for it, its setup, its requests, and the removal of what they made.
import { fillVariables, segmentsOf, valueAt } from './body.ts';
import type { CorpusRequest, ParityCase } from './corpus.ts';
import type { Answer, ApiExchange, WatchAnswer, WireRequest } from './exchange.ts';

export interface RunOptions {
  readonly exchange: ApiExchange;
  /** Of the names of this run's namespaces and cluster-scoped objects; differs from run to run. */
  readonly prefix: string;
  /** Between setup and requests of cases that ask for it. */
  readonly settleMs: number;
}

export interface CaseRun {
  readonly answers: readonly (Answer | WatchAnswer)[];
  readonly namespace: string;
  /** Everything that the corpus says of it: values in it are no server's choice. */
  readonly sent: string;
}

const settleStepMs = 50;
const maxAttempts = 200;

export async function runCase(parity: ParityCase, index: number, options: RunOptions): Promise<CaseRun> {
  const run = new Run(parity, `${options.prefix}${String(index).padStart(4, '0')}`, options);
  try {
    return await run.run();
  } finally {
    await run.removeAll();
  }
}

class Run {
  readonly #parity: ParityCase;
  readonly #options: RunOptions;
  readonly #namespace: string;
  readonly #variables: Record<string, string>;
  readonly #made: string[] = [];
  #sent: string;

  constructor(parity: ParityCase, namespace: string, options: RunOptions) {
    this.#parity = parity;
    this.#options = options;
    this.#namespace = namespace;
    this.#variables = { ...parity.variables, ns: namespace };
    this.#sent = JSON.stringify(parity.variables);
  }

  async run(): Promise<CaseRun> {
    const { hasNamespace, setup, settles, requests, name } = this.#parity;
    if (hasNamespace) {
      const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.#namespace } };
      await this.#prepare(simpleRequest('POST', '/api/v1/namespaces', body), name);
    }
    for (const request of setup) await this.#prepare(request, name);
    if (settles) await pause(this.#options.settleMs);
    const answers: (Answer | WatchAnswer)[] = [];
    for (const request of requests) answers.push(await this.#send(request));
    return { answers, namespace: this.#namespace, sent: this.#sent };
  }

  /** Removes what the case made, the last first; finalizers go before. What is gone already is no fault. */
  async removeAll(): Promise<void> {
    const { exchange } = this.#options;
    const drop = { metadata: { finalizers: null } };
    for (const path of this.#made.reverse()) {
      if (path.startsWith('/api/v1/namespaces/') && segmentsOf(path).length === 5) continue;
      const headers = { 'content-type': 'application/merge-patch+json' };
      const body = Buffer.from(JSON.stringify(drop));
      await exchange.send({ method: 'PATCH', path, headers, body });
      await exchange.send({ method: 'DELETE', path, headers: {}, body: null });
    }
  }

  /** @throws {Error} the server refused a request of the setup. */
  async #prepare(request: CorpusRequest, name: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#send(request);
      const body = 'body' in answer ? answer.body : null;
      const isReached = Object.entries(request.until).every(
        ([pointer, wanted]) => JSON.stringify(valueAt(body, pointer)) === JSON.stringify(wanted),
      );
      if (answer.status < 300 && isReached) return;
      if (Object.keys(request.until).length === 0 || attempt === maxAttempts) {
        throw new Error(`setup of ${name}: ${request.method} ${request.path}: ${JSON.stringify(answer)}`);
      }
      await pause(settleStepMs);
    }
  }

  async #send(request: CorpusRequest): Promise<Answer | WatchAnswer> {
    const { frames, during, save, pick } = request;
    const wire = this.#wireOf(request);
    if (frames !== null) {
      return await this.#options.exchange.watch(wire, frames, async () => {
        for (const inner of during) await this.#prepare(inner, this.#parity.name);
      });
    }
    const answer = await this.#options.exchange.send(wire);
    this.#remember(wire, answer);
    for (const [variable, pointer] of Object.entries(save)) {
      this.#variables[variable] = String(valueAt(answer.body, pointer));
    }
    return pick.length === 0 ? answer : { ...answer, body: pickParts(answer.body, pick) };
  }

  #wireOf(request: CorpusRequest): WireRequest {
    this.#sent += JSON.stringify([request.path, request.query, request.body, request.text]);
    const { method, path, query, headers, body, text } = fillVariables(
      { ...request, during: [] },
      this.#variables,
    );
    const search = new URLSearchParams();
    for (const [name, values] of Object.entries(query)) {
      for (const value of Array.isArray(values) ? values : [values]) search.append(name, String(value));
    }
    const content = text ?? (body === null ? null : JSON.stringify(body));
    const suffix = search.size === 0 ? '' : `?${search.toString()}`;
    return {
      method,
      path: `${path}${suffix}`,
      headers,
      body: content === null ? null : Buffer.from(content),
    };
  }

  #remember({ method, path }: WireRequest, { status, body }: Answer): void {
    if (status !== 201) return;
    const [collection = ''] = path.split('?', 1);
    const name = valueAt(body, 'metadata/name');
    this.#made.push(method === 'POST' ? `${collection}/${encodeURIComponent(String(name))}` : collection);
  }
}

function simpleRequest(method: 'POST', path: string, body: unknown): CorpusRequest {
  const headers = { 'content-type': 'application/json' };
  const none = { text: null, frames: null, during: [], until: {}, save: {}, pick: [] };
  return { method, path, query: {}, headers, body, ...none };
}

function pickParts(body: unknown, pointers: readonly string[]): unknown {
  const parts = pointers.map((pointer) => [pointer, pickPart(body, segmentsOf(pointer))] as const);
  return Object.fromEntries(parts.filter(([, part]) => part !== undefined));
}

function pickPart(value: unknown, [first, ...rest]: readonly string[]): unknown {
  if (first === undefined) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const at = first.indexOf('=');
  if (at > 0 && Array.isArray(value)) {
    const matches = value.filter((item) => String(valueAt(item, first.slice(0, at))) === first.slice(at + 1));
    return matches.map((item) => pickPart(item, rest) ?? null);
  }
  if (first === '*' && Array.isArray(value)) return value.map((item) => pickPart(item, rest) ?? null);
  return pickPart((value as Readonly<Record<string, unknown>>)[first], rest);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
