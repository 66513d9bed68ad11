// Decides a golden request by the table alone, without a socket: what the proxy must do, phase by phase, written for clarity. The
// phases are those of the data plane: receive (the real head parser), match, admit (features), rewrite, select.
import type { Feature, LocalResponse, RequestView, RouteSettings } from '../../src/features/index.ts';
import {
  CanaryDecision,
  lacksCredentials,
  prepareFeatures,
  readPlainPart,
  settingsOf,
} from '../../src/features/index.ts';
import type { Endpoint, Route, RouteTable } from '../../src/model/index.ts';
import {
  explain,
  type Explanation,
  findHost,
  HostIndex,
  isMisdirected,
  resolveTls,
} from '../../src/table/index.ts';
import { lookupField, lookupValues } from '../../src/wire/http1/field-value.ts';
import { normalizeHost } from '../../src/wire/http1/host.ts';
import { canonicalPath } from '../../src/wire/http1/path.ts';
import { RequestHead, RequestHeadParser } from '../../src/wire/http1/request-head.ts';
import { type GoldenRequest, renderRequestHead, type Want } from './requests.ts';

/** What comes of a request, in the terms of `Want`. Absent: it did not come so far. */
export type Decision = Omit<Want, 'settings'> & { readonly settings?: RouteSettings };

const parser = new RequestHeadParser({
  maxRequestLineBytes: 8_192,
  maxFieldLineBytes: 16_384,
  maxFieldsBytes: 65_536,
  maxFields: 100,
  maxNameBytes: 256,
  underscores: 'drop',
  stripNames: [],
});

/** Pure. Throws when the fast index and the plain scan of `explain` disagree. */
export function decide(table: RouteTable, features: readonly Feature[], request: GoldenRequest): Decision {
  const certificate = request.scheme === 'https' ? { certificate: shownCertificate(table, request.sni) } : {};
  const head = new RequestHead();
  const bytes = Buffer.from(renderRequestHead(request), 'latin1');
  if (parser.parse(bytes, 0, bytes.length, head) < 0)
    return { status: parser.refusal?.status ?? 0, ...certificate };
  const explained = explain(table, { host: head.host, path: head.path, method: head.method });
  const { route, via, upstream } = explained;
  const settings = settingsOf(prepareFeatures(features, route));
  const known = { ...certificate, route: route.id, via, tier: explained.host.tier, settings };
  if (!agreesWithIndex(table, head.host, head.path, route)) {
    throw new Error(`"${request.ask}": the index chooses another route than the scan, ${route.id}`);
  }
  const answer = admit(table, features, request, head, route, settings);
  if ('status' in answer) {
    return {
      ...known,
      status: answer.status,
      ...(answer.location !== undefined && { location: answer.location }),
    };
  }
  if (route.backend.kind === 'status') return { ...known, status: route.backend.status };
  if (upstream === null || explained.endpoints.length === 0) return { ...known, status: 503 };
  const side = canaryOf(explained, head.fields) ?? { id: upstream.id, endpoints: explained.endpoints };
  const endpoints = side.endpoints.map(({ address, port }) =>
    address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
  );
  return { ...known, upstream: side.id, path: answer.path + head.query, endpoints };
}

/** The canary's side, where the request goes there for certain; a weight between is no golden case. */
function canaryOf(
  { route, canaryEndpoints = [] }: Explanation,
  fields: string,
): { readonly id: string; readonly endpoints: readonly Endpoint[] } | null {
  const { canary } = route;
  if (canary === undefined || canaryEndpoints.length === 0) return null;
  const verdict = new CanaryDecision(canary).decide(fields);
  const isTaken = verdict === null ? canary.weight >= canary.total : verdict.isCanary;
  return isTaken ? { id: canary.upstream, endpoints: canaryEndpoints } : null;
}

/** Differences between what was wanted and what was decided, one sentence each. */
export function compareDecision(want: Want, decision: Decision): string[] {
  const differences: string[] = [];
  for (const [key, wanted] of Object.entries(want)) {
    const actual: unknown = decision[key as keyof Decision];
    const isEqual =
      key === 'settings' ? holdsAll(actual, wanted) : JSON.stringify(actual) === JSON.stringify(wanted);
    if (!isEqual) differences.push(`${key} is ${JSON.stringify(actual)}, wanted ${JSON.stringify(wanted)}`);
  }
  return differences;
}

function holdsAll(actual: unknown, wanted: unknown): boolean {
  if (typeof actual !== 'object' || actual === null || typeof wanted !== 'object' || wanted === null)
    return false;
  const values = new Map<string, unknown>(Object.entries(actual));
  return Object.entries(wanted).every(
    ([key, value]) => values.get(key) === value || JSON.stringify(values.get(key)) === JSON.stringify(value),
  );
}

function shownCertificate(table: RouteTable, sni: string): string {
  const id = resolveTls(table, normalizeHost(sni) ?? '')?.certificate ?? table.defaultCertificate;
  return id !== null && table.certificates.has(id) ? id : 'none';
}

function agreesWithIndex(table: RouteTable, host: string, path: string, route: Route): boolean {
  const virtualHost = findHost(table, host);
  const found =
    virtualHost === null ? null : (new HostIndex(virtualHost).match(path) ?? virtualHost.fallback);
  return (found ?? table.fallback) === route;
}

/** The answer that is given without a backend, or the path to send to one. */
function admit(
  table: RouteTable,
  features: readonly Feature[],
  request: GoldenRequest,
  head: RequestHead,
  route: Route,
  settings: RouteSettings,
): Pick<LocalResponse, 'status' | 'location'> | { readonly path: string } {
  if (head.greedyPath !== '') {
    const greedy = explain(table, { host: head.host, path: head.greedyPath }).route;
    if (greedy !== route) return { status: 400 };
  }
  if (request.scheme === 'https' && isMisdirected(table, normalizeHost(request.sni) ?? '', head.host))
    return { status: 421 };
  if (settings.maxBodyBytes !== 0 && head.contentLength > settings.maxBodyBytes) return { status: 413 };
  if (lacksCredentials(settings, table)) return { status: 503 };
  const plain = {
    method: head.method,
    host: head.host,
    path: head.path,
    greedyPath: head.greedyPath,
    query: head.query,
    scheme: request.scheme,
    hostHasTls: resolveTls(table, head.host) !== null,
    contentLength: head.contentLength,
    authority: head.authority,
    ports: { own: request.scheme === 'https' ? '443' : '80', https: 443 },
    clientAddress: '',
  };
  const field = (name: string): string => lookupField(head.fields, name);
  const fieldValues = (name: string): string[] => lookupValues(head.fields, name);
  const view: RequestView = {
    ...plain,
    field,
    fieldValues,
    read: (part) => readPlainPart(part, plain, field),
  };
  const hooks = prepareFeatures(features, route).map((prepared) => prepared.hooks);
  for (const hook of hooks) {
    const answer = hook.admit?.(view) ?? null;
    if (answer !== null) return answer;
  }
  let path = head.path;
  for (const hook of hooks) path = hook.rewrite?.(view) ?? path;
  const read = canonicalPath(path);
  return 'path' in read && read.path === path ? { path } : { status: 400 };
}
