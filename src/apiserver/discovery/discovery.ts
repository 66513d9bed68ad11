// What the server serves, told to clients: /api, /apis and the paths right below them.
import { createHash } from 'node:crypto';
import { failure } from '../api-error.ts';
import { encodingTypes, negotiateEncoding, parsePreferences } from '../http/negotiate.ts';
import type { Registry } from '../registry/resource.ts';
import type { ApiRequest, ApiResponse, ValueResponse } from '../rest/api-request.ts';
import { aggregatedTypes, type AggregatedVersion, discoveryList } from './aggregated-documents.ts';
import { type DiscoveredGroup, listGroups } from './groups.ts';
import { coreVersions, groupDocument, groupList, resourceList } from './legacy-documents.ts';

export interface DiscoveryOptions {
  /** `host:port` under which clients reach the server. */
  readonly serverAddress: string;
}

/** Null: the path is none of discovery's, or what it names is not served. @throws {ApiError} 406 */
export type Discovery = (request: ApiRequest) => ApiResponse | null;

/** Documents are made when they are first asked for, and again when the registry has changed. */
export function createDiscovery(registry: Registry, options: DiscoveryOptions): Discovery {
  let builtFor = -1;
  let groups: readonly DiscoveredGroup[] = [];
  const documents = new Map<string, ValueResponse>();
  return (request) => {
    if (!isDiscoveryPath(request.path)) return null;
    if (registry.version() !== builtFor) {
      builtFor = registry.version();
      groups = listGroups(registry);
      documents.clear();
    }
    const path = request.path.endsWith('/') ? request.path.slice(0, -1) : request.path;
    const form = formOf(request.accept, path === '/api' || path === '/apis');
    const key = `${form ?? ''} ${path}`;
    const answer = documents.get(key) ?? buildDocument(groups, path, form, options);
    if (answer === null) return null; // Not kept: there are endlessly many such paths.
    documents.set(key, answer);
    return request.method === 'GET' ? answer : refuseMethod(request.method);
  };
}

/** /api, /api/V, /apis, /apis/G, /apis/G/V. */
function isDiscoveryPath(path: string): boolean {
  return /^\/api(?:\/[^/]+)?\/?$/.test(path) || /^\/apis(?:\/[^/]+){0,2}\/?$/.test(path);
}

/** Null: the client asks for the documents of old. @throws {ApiError} 406 */
function formOf(accept: string, isRoot: boolean): AggregatedVersion | null {
  if (accept.trim() === '') return null;
  for (const { value, parameters } of parsePreferences(accept)) {
    if (negotiateEncoding(value) === null) continue;
    if (parameters.get('as') === undefined) return null;
    const version = parameters.get('v');
    const isOurs =
      parameters.get('g') === 'apidiscovery.k8s.io' && parameters.get('as') === 'APIGroupDiscoveryList';
    const isJson = value === encodingTypes.json;
    if (isRoot && isJson && isOurs && (version === 'v2' || version === 'v2beta1')) return version;
  }
  const types = Object.values(encodingTypes).join(', ');
  throw failure(406, 'NotAcceptable', `only the following media types are accepted: ${types}`);
}

function buildDocument(
  groups: readonly DiscoveredGroup[],
  path: string,
  form: AggregatedVersion | null,
  options: DiscoveryOptions,
): ValueResponse | null {
  const [, root = '', ...names] = path.split('/');
  const named = groups.filter(({ name }) => name !== '');
  const core = groups.filter(({ name }) => name === '');
  if (names.length === 0) {
    const served = root === 'api' ? core : named;
    if (form !== null) return aggregated(discoveryList(served, form), form);
    if (root === 'apis') return plain(groupList(named));
    return plain(coreVersions(core[0]?.versions ?? [], options.serverAddress));
  }
  const [groupName, versionName] = root === 'api' ? ['', names[0]] : names;
  const group = groups.find(({ name }) => name === groupName && (root === 'api') === (name === ''));
  if (group === undefined) return null;
  if (versionName === undefined) return plain(groupDocument(group));
  const version = group.versions.find((served) => served.version === versionName);
  return version === undefined ? null : plain(resourceList(group.name, version));
}

function plain(value: object): ValueResponse {
  return { kind: 'value', status: 200, value, warnings: [] };
}

/** The transport answers 304 to a client that has this ETag. */
function aggregated(value: object, form: AggregatedVersion): ValueResponse {
  const digest = createHash('sha512').update(JSON.stringify(value)).digest('hex').toUpperCase();
  return {
    ...plain(value),
    contentType: aggregatedTypes[form],
    headers: { ETag: `"${digest}"`, Vary: 'Accept', 'Cache-Control': 'public' },
  };
}

function refuseMethod(method: string): ValueResponse {
  const error = failure(
    405,
    'MethodNotAllowed',
    `the server does not allow ${method} on discovery documents, wanted GET`,
  );
  return { kind: 'value', status: 405, value: error.status, warnings: [], headers: { Allow: 'GET' } };
}
