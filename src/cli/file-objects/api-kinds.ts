// ApiKinds: which path of the API holds the objects of a kind, asked of its discovery when a kind is first needed and again when one was
// not there: a CustomResourceDefinition may have brought it.
import { isJsonObject } from '../../kube/index.ts';
import { type ApiClient, type ApiReply, expectOk } from '../../sources/index.ts';

/** A kind in one version. */
export interface ApiKind {
  readonly apiVersion: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly isNamespaced: boolean;
  readonly verbs: readonly string[];
}

/** What a group and version may look like; anything else has no path. */
const versionForm = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[a-z0-9]{1,63}$/;

export class ApiKinds {
  readonly #client: ApiClient;
  /** By apiVersion, then kind. */
  readonly #versions = new Map<string, ReadonlyMap<string, ApiKind>>();
  /** Versions asked since `lookAgain`. */
  readonly #asked = new Set<string>();

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** From here on, kinds that were not found are asked for anew. */
  lookAgain(): void {
    this.#asked.clear();
  }

  /** A path that was known led nowhere. */
  forget(apiVersion: string): void {
    this.#versions.delete(apiVersion);
    this.#asked.delete(apiVersion);
  }

  /** Null: the API does not serve it. @throws {ApiStatusError | ApiUnavailableError} */
  async lookup(apiVersion: string, kind: string): Promise<ApiKind | null> {
    const known = this.#versions.get(apiVersion)?.get(kind);
    if (known !== undefined) return known;
    if (this.#asked.has(apiVersion) || !versionForm.test(apiVersion)) return null;
    const kinds = await this.#readVersion(apiVersion);
    this.#asked.add(apiVersion);
    this.#versions.set(apiVersion, kinds);
    return kinds.get(kind) ?? null;
  }

  /** Every kind that can be listed, applied and deleted, in one version each, the preferred one if it has the kind. */
  async writable(): Promise<readonly ApiKind[]> {
    const found = new Map<string, ApiKind>();
    for (const apiVersion of await this.#servedVersions()) {
      for (const kind of (await this.#readVersion(apiVersion)).values()) {
        const isWritable = ['list', 'patch', 'delete'].every((verb) => kind.verbs.includes(verb));
        const key = `${kind.group}/${kind.plural}`;
        if (isWritable && !found.has(key)) found.set(key, kind);
      }
    }
    return [...found.values()];
  }

  /** The preferred version of each group first. */
  async #servedVersions(): Promise<string[]> {
    const core = expectOk(await this.#client.call({ method: 'GET', path: '/api' }));
    const groups = expectOk(await this.#client.call({ method: 'GET', path: '/apis' }));
    const versions = listOf(core, 'versions').filter((version) => typeof version === 'string');
    for (const group of listOf(groups, 'groups')) {
      const preferred = isJsonObject(group) ? group['preferredVersion'] : undefined;
      for (const version of [preferred, ...listOf(group, 'versions')]) {
        const name = textOf(version, 'groupVersion');
        if (name !== '') versions.push(name);
      }
    }
    return [...new Set(versions)].filter((version) => versionForm.test(version));
  }

  async #readVersion(apiVersion: string): Promise<ReadonlyMap<string, ApiKind>> {
    const reply: ApiReply = await this.#client.call({ method: 'GET', path: versionPath(apiVersion) });
    const resources = reply.status === 404 ? [] : listOf(expectOk(reply), 'resources');
    const slash = apiVersion.indexOf('/');
    const group = slash < 0 ? '' : apiVersion.slice(0, slash);
    const kinds = new Map<string, ApiKind>();
    for (const resource of resources) {
      const plural = textOf(resource, 'name');
      const kind = textOf(resource, 'kind');
      // A slash: a subresource.
      if (!isJsonObject(resource) || kind === '' || plural === '' || plural.includes('/')) continue;
      const verbs = listOf(resource, 'verbs').filter((verb) => typeof verb === 'string');
      kinds.set(kind, {
        apiVersion,
        group,
        kind,
        plural,
        isNamespaced: resource['namespaced'] === true,
        verbs,
      });
    }
    return kinds;
  }
}

/** `/apis/networking.k8s.io/v1`. */
export function versionPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** The objects of all namespaces. */
export function collectionPath({ apiVersion, plural }: ApiKind): string {
  return `${versionPath(apiVersion)}/${plural}`;
}

/** `namespace` is left out for kinds that have none. */
export function objectPath(kind: ApiKind, namespace: string, name: string): string {
  const place = kind.isNamespaced ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${versionPath(kind.apiVersion)}${place}/${kind.plural}/${encodeURIComponent(name)}`;
}

export function listOf(value: unknown, field: string): readonly unknown[] {
  const list = isJsonObject(value) ? value[field] : undefined;
  return Array.isArray(list) ? list : [];
}

/** Empty where there is no text. */
export function textOf(value: unknown, field: string): string {
  const text = isJsonObject(value) ? value[field] : undefined;
  return typeof text === 'string' ? text : '';
}
