// The parity corpus on disk: test/parity/corpus/SUITE.yaml holds cases, each a setup and requests whose answers are compared. Reads them
// and opens variants into cases of their own; see README.md for the language.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { buildBody, type JsonObject, type Templates } from './body.ts';

export const parityRoot = import.meta.dirname;

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;
export type Method = (typeof methods)[number];

export interface CorpusRequest {
  readonly method: Method;
  readonly path: string;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  readonly headers: Readonly<Record<string, string>>;
  /** What is sent as JSON; null: nothing, or the text. */
  readonly body: unknown;
  readonly text: string | null;
  /** Of a watch: so many frames are read, or all until the server ends it. Null: no watch. */
  readonly frames: number | 'end' | null;
  /** Sent when the watch is open. */
  readonly during: readonly CorpusRequest[];
  /** Of a setup: asked again until the answer has these values at these pointers. */
  readonly until: JsonObject;
  /** Variables taken out of the answer, by their pointers. */
  readonly save: Readonly<Record<string, string>>;
  /** Only these pointers of the answer's body are compared; `*` stands for every member, `name=x` for the elements with that value. */
  readonly pick: readonly string[];
}

export interface ParityCase {
  /** `SUITE/NAME`. */
  readonly name: string;
  readonly suite: string;
  /** Whether a namespace is made for it before. */
  readonly hasNamespace: boolean;
  /** A real server learns of what the setup made with delay: the recorder waits. */
  readonly settles: boolean;
  readonly variables: Readonly<Record<string, string>>;
  readonly setup: readonly CorpusRequest[];
  readonly requests: readonly CorpusRequest[];
}

const mediaTypes: Readonly<Record<string, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

export function listSuites(): string[] {
  return readdirSync(join(parityRoot, 'corpus'))
    .map((file) => file.replace(/\.yaml$/, ''))
    .sort();
}

/** @throws {AssertionError} the file is not in the language of the corpus. */
export function readSuite(suite: string): ParityCase[] {
  const text = readFileSync(join(parityRoot, 'corpus', `${suite}.yaml`), 'utf8');
  const file = asObject(parse(text), suite);
  expectKeys(file, ['about', 'variables', 'objects', 'cases'], suite);
  const shared = asObject(parse(readFileSync(join(parityRoot, 'shared.yaml'), 'utf8')), 'shared.yaml');
  const variables = { ...asObject(shared['variables'], suite), ...asObject(file['variables'] ?? {}, suite) };
  const templates = { ...asObject(shared['objects'], suite), ...asObject(file['objects'] ?? {}, suite) };
  const reader = new CaseReader(suite, variables as Record<string, string>, templates as Templates);
  return asArray(file['cases'], suite).flatMap((entry) => reader.read(asObject(entry, suite)));
}

class CaseReader {
  readonly #suite: string;
  readonly #variables: Readonly<Record<string, string>>;
  readonly #templates: Templates;

  constructor(suite: string, variables: Readonly<Record<string, string>>, templates: Templates) {
    this.#suite = suite;
    this.#variables = variables;
    this.#templates = templates;
  }

  read(entry: JsonObject): ParityCase[] {
    const name = `${this.#suite}/${String(entry['name'])}`;
    expectKeys(entry, ['name', 'namespace', 'settles', 'setup', 'request', 'requests', 'variants'], name);
    const requests = entry['requests'] === undefined ? [entry['request']] : asArray(entry['requests'], name);
    const variants = asObject(entry['variants'] ?? { '': {} }, name);
    return Object.entries(variants).map(([variant, change]) => {
      const full = variant === '' ? name : `${name}: ${variant}`;
      const last = changeRequest(asObject(requests.at(-1), full), asObject(change, full));
      return {
        name: full,
        suite: this.#suite,
        hasNamespace: entry['namespace'] !== false,
        settles: entry['settles'] === true,
        variables: this.#variables,
        setup: asArray(entry['setup'] ?? [], full).map((item) => this.#readRequest(item, full)),
        requests: [...requests.slice(0, -1), last].map((item) => this.#readRequest(item, full)),
      };
    });
  }

  #readRequest(value: unknown, where: string): CorpusRequest {
    const entry = asObject(value, where);
    const method = methods.find((name) => Object.hasOwn(entry, name));
    assert.ok(method !== undefined, `${where}: a request without method: ${JSON.stringify(entry)}`);
    expectKeys(entry, [method, ...requestKeys], where);
    const { type, frames = null } = entry as { type?: string; frames?: number | 'end' };
    const hasBody = entry['body'] !== undefined || entry['text'] !== undefined;
    const contentType = type === undefined ? 'application/json' : (mediaTypes[type] ?? type);
    return {
      method,
      path: String(entry[method]),
      query: asObject(entry['query'] ?? {}, where) as CorpusRequest['query'],
      headers: {
        ...(hasBody && contentType !== 'none' ? { 'content-type': contentType } : {}),
        ...(asObject(entry['headers'] ?? {}, where) as Record<string, string>),
      },
      body:
        entry['body'] === undefined
          ? null
          : buildBody(entry['body'], this.#templates, entry['set'] as JsonObject | undefined),
      text: typeof entry['text'] === 'string' ? entry['text'] : null,
      frames,
      during: asArray(entry['during'] ?? [], where).map((item) => this.#readRequest(item, where)),
      until: asObject(entry['until'] ?? {}, where),
      save: asObject(entry['save'] ?? {}, where) as Record<string, string>,
      pick: asArray(entry['pick'] ?? [], where) as string[],
    };
  }
}

const requestKeys = [
  ...['query', 'headers', 'body', 'set', 'text', 'type', 'frames', 'during', 'until', 'save', 'pick'],
];

/** `set`, `query` and `headers` are added to; other members are replaced. */
function changeRequest(request: JsonObject, change: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...request, ...change };
  for (const key of ['set', 'query', 'headers']) {
    if (change[key] === undefined) continue;
    merged[key] = { ...(request[key] as JsonObject | undefined), ...(change[key] as JsonObject) };
  }
  const method = methods.find((name) => Object.hasOwn(change, name));
  if (method !== undefined) for (const name of methods) if (name !== method) delete merged[name];
  return merged;
}

function expectKeys(value: JsonObject, known: readonly string[], where: string): void {
  for (const key of Object.keys(value)) assert.ok(known.includes(key), `${where}: unknown member "${key}"`);
}

function asObject(value: unknown, where: string): JsonObject {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  assert.ok(isObject, `${where}: ${JSON.stringify(value)}, wanted a mapping`);
  return value as JsonObject;
}

function asArray(value: unknown, where: string): readonly unknown[] {
  assert.ok(Array.isArray(value), `${where}: ${JSON.stringify(value)}, wanted a list`);
  return value as unknown[];
}
