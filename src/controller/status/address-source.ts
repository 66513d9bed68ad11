// Where the addresses of the status come from: fixed ones, a Service that is watched, or the nodes on which our pods run.
import type { Service } from '../../kube/index.ts';
import { splitObjectKey, type ObjectKey } from '../../model/index.ts';
import { type ApiClient, expectOk } from '../../sources/kube/api-client.ts';
import type { ControllerStep, ControllerView } from '../controller.ts';
import {
  addressOf,
  addressOfNode,
  addressesOfService,
  type IngressAddress,
  sortAddresses,
} from './ingress-addresses.ts';

export interface AddressSource {
  /** Null: not known, so nothing is written and nothing taken away. */
  readonly current: () => readonly IngressAddress[] | null;
  /** True: the step may have changed them. */
  readonly concerns: (step: ControllerStep) => boolean;
  /** Looks again where that takes asking. Rejects when the API server does not answer. */
  readonly refresh: () => Promise<void>;
}

/** Addresses that were given; also those that a function works out anew each time. None: not known. */
export function fixedAddresses(texts: () => readonly string[]): AddressSource {
  return {
    current: () => {
      const addresses = texts().map(addressOf);
      return addresses.length === 0 ? null : sortAddresses(addresses);
    },
    concerns: () => false,
    refresh: async () => {},
  };
}

/** Those of a Service of the view. One that is missing, or has no address yet, is not known. */
export function serviceAddresses(key: ObjectKey, view: ControllerView): AddressSource {
  const ref = { kind: 'Service', ...splitObjectKey(key) };
  return {
    current: () => {
      const service = view.lookup(ref) as Service | undefined;
      const addresses = service === undefined ? [] : addressesOfService(service);
      return addresses.length === 0 ? null : addresses;
    },
    concerns: (step) =>
      step.changes.some((change) => {
        const { kind, namespace, name } =
          change.kind === 'set' ? { kind: change.object.kind, ...change.object.metadata } : change.ref;
        return kind === ref.kind && namespace === ref.namespace && name === ref.name;
      }),
    refresh: async () => {},
  };
}

export interface PodIdentity {
  readonly namespace: string;
  readonly name: string;
}

interface Pod {
  readonly metadata?: {
    readonly name?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec?: { readonly nodeName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type?: string; readonly status?: string }[];
  };
}

/** Labels that by convention name an installation and stay through its rollouts; where a pod has one, only these are compared. */
const identityLabels = ['name', 'instance', 'component'].map((name) => `app.kubernetes.io/${name}`);

/** Otherwise all, except those that differ between two pods of one Deployment or DaemonSet during a rollout. */
const rolloutLabels = new Set([
  'pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
]);

/** The pods that are replicas of ours, this one included, by the labels of our own pod. */
export async function listReplicas(client: ApiClient, pod: PodIdentity): Promise<readonly Pod[]> {
  const path = `/api/v1/namespaces/${pod.namespace}/pods`;
  const own = expectOk(await client.call({ method: 'GET', path: `${path}/${pod.name}` })) as Pod;
  const all = Object.entries(own.metadata?.labels ?? {});
  const named = all.filter(([key]) => identityLabels.includes(key));
  const labels = named.length > 0 ? named : all.filter(([key]) => !rolloutLabels.has(key));
  // Without a label of ours every pod of the namespace would be a replica.
  if (labels.length === 0) return [own];
  const labelSelector = labels.map(([key, value]) => `${key}=${value}`).join(',');
  const list = expectOk(await client.call({ method: 'GET', path, query: { labelSelector } }));
  return (list as { readonly items?: readonly Pod[] }).items ?? [];
}

/** Whether another replica runs that is not going. */
export async function hasOtherReplicas(client: ApiClient, pod: PodIdentity): Promise<boolean> {
  const pods = await listReplicas(client, pod);
  return pods.some(
    ({ metadata, status }) =>
      metadata?.name !== pod.name && metadata?.deletionTimestamp === undefined && status?.phase === 'Running',
  );
}

/** The nodes of the ready replicas. */
export class NodeAddresses implements AddressSource {
  readonly #client: ApiClient;
  readonly #pod: PodIdentity;
  readonly #wantsInternal: boolean;
  #addresses: readonly IngressAddress[] | null = null;

  constructor(client: ApiClient, pod: PodIdentity, wantsInternal: boolean) {
    this.#client = client;
    this.#pod = pod;
    this.#wantsInternal = wantsInternal;
  }

  readonly current = (): readonly IngressAddress[] | null => this.#addresses;

  readonly concerns = (): boolean => false;

  readonly refresh = async (): Promise<void> => {
    const pods = await listReplicas(this.#client, this.#pod);
    const nodes = new Set(pods.filter(isReady).flatMap(({ spec }) => spec?.nodeName ?? []));
    const addresses: IngressAddress[] = [];
    for (const name of nodes) {
      const reply = await this.#client.call({ method: 'GET', path: `/api/v1/nodes/${name}` });
      if (reply.status === 404) continue;
      const address = addressOfNode(expectOk(reply), this.#wantsInternal);
      if (address !== null) addresses.push(address);
    }
    this.#addresses = addresses.length === 0 ? null : sortAddresses(addresses);
  };
}

function isReady({ metadata, status }: Pod): boolean {
  return (
    metadata?.deletionTimestamp === undefined &&
    status?.phase === 'Running' &&
    (status.conditions ?? []).some((each) => each.type === 'Ready' && each.status === 'True')
  );
}
