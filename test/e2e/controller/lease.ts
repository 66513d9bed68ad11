// The Lease and the status that replicas of the controller write, as somebody sees them who watches the API server.
import { request } from 'node:https';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { TestContext } from 'node:test';
import type { Api, ApiValue } from './api.ts';

export const leasePath = '/apis/coordination.k8s.io/v1/namespaces/default/leases/sallyport-leader';

/** Identity of the holder; empty: nobody. */
export async function readHolder(api: Api): Promise<string> {
  const lease = await api.read(leasePath);
  const { holderIdentity = '' } = (lease?.['spec'] ?? {}) as { readonly holderIdentity?: string };
  return holderIdentity;
}

/** Every version of every object of a collection since the start, as a watch tells it. */
export class Witness {
  readonly seen: { readonly type: string; readonly object: ApiValue }[] = [];
  /** Why the watch ended; null: it goes on. */
  ended: string | null = null;

  static async open(t: TestContext, api: Api, path: string): Promise<Witness> {
    const witness = new Witness();
    const { status, value } = await api.call('GET', path);
    if (status !== 200) throw new Error(`GET ${path} was answered with ${status}`);
    const version = encodeURIComponent(value.metadata.resourceVersion ?? '');
    const { server, token, authorityPem } = api.access;
    const sent = request(new URL(`${path}?watch=true&resourceVersion=${version}`, server), {
      agent: false,
      ca: authorityPem,
      headers: { authorization: `Bearer ${token}` },
    });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    t.after(() => response.destroy());
    response.setEncoding('utf8');
    let rest = '';
    response.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) witness.seen.push(JSON.parse(line) as Witness['seen'][number]);
    });
    response.on('error', (error) => (witness.ended = error.message));
    response.on('end', () => (witness.ended = 'the server ended it'));
    return witness;
  }

  /** Sets of addresses in the status of an Ingress, one for each version that was seen. */
  addressesOf(name: string): readonly (readonly string[])[] {
    return this.seen
      .filter(({ object }) => object.metadata.name === name)
      .map(({ object }) => addressesIn(object));
  }
}

export function addressesIn(ingress: ApiValue): readonly string[] {
  const status = ingress['status'] as
    | { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } }
    | undefined;
  return (status?.loadBalancer?.ingress ?? []).map(({ ip = '' }) => ip);
}
