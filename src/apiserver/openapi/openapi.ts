// /openapi/v2 and /openapi/v3: what the server's kinds look like. Documents are made when they are first asked for; one of a group version
// is made again only when its resources have changed.
import { createHash } from 'node:crypto';
import { unknownPath } from '../api-error.ts';
import { parsePreferences } from '../http/negotiate.ts';
import type { Registry } from '../registry/resource.ts';
import type { ApiRequest, ApiResponse, BytesResponse } from '../rest/api-request.ts';
import { type DescribedGroupVersion, listDescribed } from './described-kinds.ts';
import { encodeDocument } from './gnostic.ts';
import { groupVersionPath } from './paths.ts';
import { buildV2Document } from './v2-document.ts';
import { buildV3Document } from './v3-document.ts';

/** Null: the path is none of OpenAPI's. */
export type OpenApi = (request: ApiRequest) => ApiResponse | null;

interface HashedBytes {
  readonly bytes: Uint8Array;
  readonly hash: string;
}

interface GroupVersionDocument extends HashedBytes {
  /** What it was made of. */
  readonly sources: readonly object[];
}

const jsonType = 'application/json';
/** As it is asked for (`@`), and as it is sent: Go's parser of media types knows no `@`. */
const protobufTypes: ReadonlySet<string> = new Set([
  'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
  'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
]);
const protobufType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

export function createOpenApi(registry: Registry): OpenApi {
  const documents = new Documents(registry);
  return (request) => {
    const { path } = request;
    if (!path.startsWith('/openapi/')) return null;
    if (request.method !== 'GET') return plain(405, 'Method Not Allowed', { Allow: 'GET' });
    const type = preferredType(request.accept, path === '/openapi/v2');
    if (type === null) return plain(406, '');
    if (path === '/openapi/v2')
      return type === 'json'
        ? hashed(documents.v2Json(), jsonType)
        : hashed(documents.v2Protobuf(), protobufType);
    if (path === '/openapi/v3') return hashed(documents.v3Index(), jsonType);
    const name = path.slice('/openapi/v3/'.length);
    const document = path.startsWith('/openapi/v3/') ? documents.v3(name) : null;
    if (document === null) return { kind: 'value', status: 404, value: unknownPath().status, warnings: [] };
    return answerVersion(name, document, request.query.get('hash') ?? '');
  };
}

function preferredType(accept: string, hasProtobuf: boolean): 'json' | 'protobuf' | null {
  if (accept.trim() === '') return 'json';
  for (const { value } of parsePreferences(accept)) {
    if (hasProtobuf && protobufTypes.has(value)) return 'protobuf';
    if (value === jsonType || value === 'application/*' || value === '*/*') return 'json';
  }
  return null;
}

/** With the right hash in its URL a document never changes; with another one the client is told the right one. */
function answerVersion(name: string, document: HashedBytes, hash: string): ApiResponse {
  if (hash === '') return hashed(document, jsonType);
  if (hash !== document.hash) return plain(301, '', { Location: hashedUrl(name, document.hash) });
  return hashed(document, jsonType, { 'Cache-Control': 'public, immutable', Expires: inOneYear() });
}

function inOneYear(): string {
  return new Date(Date.now() + 365 * 86_400_000).toUTCString();
}

function hashedUrl(name: string, hash: string): string {
  return `/openapi/v3/${name}?hash=${hash}`;
}

function hashed(
  { bytes, hash }: HashedBytes,
  contentType: string,
  headers: Readonly<Record<string, string>> = {},
): BytesResponse {
  return {
    kind: 'bytes',
    status: 200,
    contentType,
    bytes,
    headers: { ETag: `"${hash}"`, Vary: 'Accept', ...headers },
  };
}

function plain(status: number, text: string, headers: Readonly<Record<string, string>> = {}): BytesResponse {
  const bytes = Buffer.from(text);
  return { kind: 'bytes', status, contentType: 'text/plain; charset=utf-8', bytes, headers };
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha512').update(bytes).digest('hex').toUpperCase();
}

function jsonBytes(value: unknown): HashedBytes {
  const bytes = Buffer.from(JSON.stringify(value));
  return { bytes, hash: hashOf(bytes) };
}

class Documents {
  readonly #registry: Registry;
  #version = -1;
  #described: ReadonlyMap<string, DescribedGroupVersion> = new Map();
  #groupVersions = new Map<string, GroupVersionDocument>();
  #index: HashedBytes | null = null;
  #json: HashedBytes | null = null;
  #protobuf: HashedBytes | null = null;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  v2Json(): HashedBytes {
    this.#refresh();
    this.#json ??= jsonBytes(buildV2Document([...this.#described.values()]));
    return this.#json;
  }

  v2Protobuf(): HashedBytes {
    this.#refresh();
    if (this.#protobuf === null) {
      const bytes = encodeDocument(buildV2Document([...this.#described.values()]));
      this.#protobuf = { bytes, hash: hashOf(bytes) };
    }
    return this.#protobuf;
  }

  v3Index(): HashedBytes {
    this.#refresh();
    if (this.#index === null) {
      const names = [...this.#described.keys()].sort();
      const paths = Object.fromEntries(
        names.map((name) => [name, { serverRelativeURL: hashedUrl(name, this.v3(name)?.hash ?? '') }]),
      );
      this.#index = jsonBytes({ paths });
    }
    return this.#index;
  }

  /** `name` as in the index; null: not served. */
  v3(name: string): HashedBytes | null {
    this.#refresh();
    const described = this.#described.get(name);
    if (described === undefined) return null;
    const known = this.#groupVersions.get(name);
    const sources = described.kinds.map(({ source }) => source);
    if (known !== undefined && hasSameItems(known.sources, sources)) return known;
    const made = { ...jsonBytes(buildV3Document(described)), sources };
    this.#groupVersions.set(name, made);
    return made;
  }

  #refresh(): void {
    if (this.#registry.version() === this.#version) return;
    this.#version = this.#registry.version();
    this.#described = new Map(
      listDescribed(this.#registry).map((entry) => [groupVersionPath(entry.group, entry.version), entry]),
    );
    for (const name of this.#groupVersions.keys())
      if (!this.#described.has(name)) this.#groupVersions.delete(name);
    this.#index = null;
    this.#json = null;
    this.#protobuf = null;
  }
}

function hasSameItems(one: readonly object[], other: readonly object[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}
