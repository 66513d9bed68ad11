// A plain caller of an API server, by the kubeconfig that `sallyport up` writes; nothing of the product's own client is in it.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { parse } from 'yaml';

export interface Access {
  readonly server: URL;
  readonly authorityPem: string;
  readonly token: string;
}

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly { readonly user: { readonly token: string } }[];
}

export function readAccess(kubeconfigPath: string): Access {
  const { clusters, users } = parse(readFileSync(kubeconfigPath, 'utf8')) as Kubeconfig;
  const [{ cluster } = { cluster: null }] = clusters;
  const [{ user } = { user: null }] = users;
  if (cluster === null || user === null) throw new Error(`"${kubeconfigPath}" names no cluster and user`);
  const authorityPem = Buffer.from(cluster['certificate-authority-data'], 'base64').toString();
  return { server: new URL(cluster.server), authorityPem, token: user.token };
}

/** An object of the API, as far as these tests look into it. */
export interface ApiValue {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion?: string;
    readonly uid?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

export interface ApiAnswer {
  readonly status: number;
  readonly value: ApiValue;
}

const collections: Readonly<Record<string, string>> = {
  Ingress: 'ingresses',
  IngressClass: 'ingressclasses',
  SallyportParameters: 'sallyportparameters',
};

/** `/apis/networking.k8s.io/v1/namespaces/default/ingresses`. */
export function collectionOf({ apiVersion, kind, metadata }: ApiValue): string {
  const { namespace } = metadata;
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const plural = collections[kind] ?? `${kind.toLowerCase()}s`;
  return `${root}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${plural}`;
}

export class Api {
  readonly access: Access;
  readonly #agent: Agent;

  constructor(access: Access) {
    this.access = access;
    this.#agent = new Agent({ keepAlive: true, ca: access.authorityPem });
  }

  async call(method: string, path: string, body?: unknown, contentType?: string): Promise<ApiAnswer> {
    const { server, token } = this.access;
    const sent = request(new URL(path, server), {
      method,
      agent: this.#agent,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
      },
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const text = Buffer.concat(await response.toArray()).toString();
    return { status: response.statusCode ?? 0, value: JSON.parse(text) as ApiValue };
  }

  /** Null: there is none. */
  async read(path: string): Promise<ApiValue | null> {
    const { status, value } = await this.call('GET', path);
    if (status === 404) return null;
    return expect(status, value, `GET ${path}`);
  }

  async list(path: string): Promise<readonly ApiValue[]> {
    const { status, value } = await this.call('GET', path);
    return (expect(status, value, `GET ${path}`)['items'] ?? []) as readonly ApiValue[];
  }

  /** Creates it, or makes it what is given, by server-side apply. */
  async apply(object: ApiValue): Promise<ApiValue> {
    const path = `${collectionOf(object)}/${object.metadata.name}?fieldManager=test&force=true`;
    const { status, value } = await this.call('PATCH', path, object, 'application/apply-patch+yaml');
    return expect(status, value, `apply ${path}`);
  }

  async applyAll(objects: Iterable<ApiValue>): Promise<void> {
    for (const object of objects) await this.apply(object);
  }

  async merge(path: string, body: unknown): Promise<ApiValue> {
    const { status, value } = await this.call('PATCH', path, body, 'application/merge-patch+json');
    return expect(status, value, `PATCH ${path}`);
  }

  /** Whether it was there. */
  async remove(path: string): Promise<boolean> {
    const { status, value } = await this.call('DELETE', path);
    if (status === 404) return false;
    expect(status, value, `DELETE ${path}`);
    return true;
  }

  close(): void {
    this.#agent.destroy();
  }
}

function expect(status: number, value: ApiValue, what: string): ApiValue {
  if (status >= 200 && status < 300) return value;
  throw new Error(`${what} was answered with ${status}: ${String(value['message'])}`);
}
