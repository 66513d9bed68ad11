// GrantedClient: an API server that allows what the rendered Roles grant and nothing else, and remembers what was asked. Behind it
// is the embedded API server; pods and nodes, which that one has not, are made up.
import { ApiStatusError } from '../../src/sources/index.ts';
import type { ApiCall, ApiClient, ApiReply, ApiWatchFrame } from '../../src/sources/index.ts';
import type { ManifestObject } from '../../tools/deploy/render-chart.ts';
import { at, listAt, textAt } from './value-sets.ts';

/** What a request asks for, as the API server's authorizer sees it. */
export interface Attributes {
  readonly verb: string;
  readonly group: string;
  /** With the subresource, e.g. `ingresses/status`. */
  readonly resource: string;
  /** Empty: of the cluster. */
  readonly namespace: string;
  readonly name: string;
}

/** One verb on one resource. */
export interface Grant extends Attributes {
  /** Empty: any name. */
  readonly name: string;
}

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

export function attributesOf({ method, path, query = {} }: ApiCall, isWatch: boolean): Attributes {
  const match =
    /^\/(?:api\/v1|apis\/([^/]+)\/[^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?(?:\/(.+))?$/.exec(
      path,
    );
  if (match === null) throw new Error(`"${path}" is no path of a resource`);
  const [, group = '', namespace = '', plural = '', inPath = '', subresource] = match;
  const ofSelector = /(?:^|,)metadata\.name=([^,]+)/.exec(query['fieldSelector'] ?? '')?.[1] ?? '';
  const read = isWatch ? 'watch' : inPath === '' ? 'list' : 'get';
  return {
    verb: method === 'GET' ? read : (verbs[method] ?? method),
    group,
    resource: subresource === undefined ? plural : `${plural}/${subresource}`,
    namespace,
    name: inPath === '' ? ofSelector : inPath,
  };
}

/** Every verb on every resource that ClusterRole and Roles grant. */
export function grantsOf(objects: readonly ManifestObject[]): readonly Grant[] {
  const roles = objects.filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role');
  return roles.flatMap((role) =>
    listAt(role, 'rules').flatMap((rule) => {
      const names = at(rule, 'resourceNames') === undefined ? [''] : listAt(rule, 'resourceNames');
      return listAt(rule, 'apiGroups').flatMap((group) =>
        listAt(rule, 'resources').flatMap((resource) =>
          listAt(rule, 'verbs').flatMap((verb) =>
            names.map((name) => ({
              verb: String(verb),
              group: String(group),
              resource: String(resource),
              namespace: role.metadata.namespace ?? '',
              name: String(name),
            })),
          ),
        ),
      );
    }),
  );
}

/** A grant of the cluster covers every namespace, one without a name every name. */
export function covers(grant: Grant, asked: Attributes): boolean {
  return (
    grant.verb === asked.verb &&
    grant.group === asked.group &&
    grant.resource === asked.resource &&
    (grant.namespace === '' || grant.namespace === asked.namespace) &&
    (grant.name === '' || grant.name === asked.name)
  );
}

export function renderAttributes({ verb, group, resource, namespace, name }: Attributes): string {
  const place = namespace === '' ? '' : ` in ${namespace}`;
  return `${verb} ${group === '' ? '' : `${group}/`}${resource}${place}${name === '' ? '' : ` named ${name}`}`;
}

/** A request that was allowed; `reason`: what its body calls so. */
interface Asked extends Attributes {
  readonly reason: string;
}

export class GrantedClient implements ApiClient {
  readonly asked: Asked[] = [];
  readonly refused = new Set<string>();
  readonly #grants: readonly Grant[];
  readonly #behind: ApiClient;
  readonly #signal: AbortSignal;
  readonly #waiting = new Set<() => void>();

  constructor(grants: readonly Grant[], behind: ApiClient, signal: AbortSignal) {
    this.#grants = grants;
    this.#behind = behind;
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#wake(), { once: true });
  }

  async call(call: ApiCall): Promise<ApiReply> {
    const attributes = attributesOf(call, false);
    const message = this.#refusalOf(attributes);
    if (message !== null) {
      return { status: 403, value: { kind: 'Status', reason: 'Forbidden', message }, retryAfterMs: null };
    }
    const reply = madeUp(attributes) ?? (await this.#behind.call(call));
    this.#note({ ...attributes, reason: textAt(call.body, 'reason') });
    return reply;
  }

  async watch(call: ApiCall, onFrame: (frame: ApiWatchFrame) => void, onOpen?: () => void): Promise<void> {
    const attributes = attributesOf(call, true);
    const message = this.#refusalOf(attributes);
    if (message !== null) throw new ApiStatusError(403, 'Forbidden', message);
    this.#note({ ...attributes, reason: '' });
    await this.#behind.watch(call, onFrame, onOpen);
  }

  /** Resolves when such a request has been allowed; `reason`: that of an Event. Rejects when the time of the test is over. */
  async waitFor(verb: string, resource: string, reason?: string): Promise<void> {
    const isIt = (each: Asked): boolean =>
      each.verb === verb && each.resource === resource && (reason ?? each.reason) === each.reason;
    while (!this.asked.some(isIt)) {
      if (this.#signal.aborted) {
        const asked = this.asked.map(renderAttributes).join('\n');
        throw new Error(`"${verb} ${resource}" was never asked for, but\n${asked}`);
      }
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #refusalOf(attributes: Attributes): string | null {
    if (this.#grants.some((grant) => covers(grant, attributes))) return null;
    this.refused.add(renderAttributes(attributes));
    return `may not ${renderAttributes(attributes)}`;
  }

  #note(asked: Asked): void {
    this.asked.push(asked);
    this.#wake();
  }

  #wake(): void {
    const resolves = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of resolves) resolve();
  }
}

/** The one pod, which runs on the one node. */
function madeUp({ verb, resource, name }: Attributes): ApiReply | null {
  const pod = {
    metadata: { name: 'replica', labels: { 'app.kubernetes.io/name': 'sallyport' } },
    spec: { nodeName: 'node' },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
  const node = { metadata: { name }, status: { addresses: [{ type: 'InternalIP', address: '192.0.2.7' }] } };
  const ok = (value: unknown): ApiReply => ({ status: 200, value, retryAfterMs: null });
  if (resource === 'nodes') return ok(node);
  if (resource === 'pods') return ok(verb === 'list' ? { items: [pod] } : pod);
  return null;
}
