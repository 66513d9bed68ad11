// Which certificates the Ingresses want to be ordered: by annotation, one for each TLS Secret, for the hosts that its entries list.
// Pure. Only for hosts that belong to the Ingress's namespace: the proxy answers challenges for every host, so that otherwise a
// neighbour would get a key and a certificate for a host that is not its own.
import type { Ingress } from '../../kube/index.ts';
import { wantsCertificates } from '../../translate/index.ts';
import { objectKey, type ObjectKey, type RouteTable } from '../../model/index.ts';

export interface WantedCertificate {
  readonly secret: ObjectKey;
  /** Lower case, sorted, each once. */
  readonly hosts: readonly string[];
  /** Who is told what becomes of it. */
  readonly ingresses: readonly Ingress[];
}

/** What is wanted and is not going to be ordered, beyond what translation tells of the Ingress by itself. */
export interface WantRefusal {
  readonly ingress: Ingress;
  readonly message: string;
}

export interface WantedCertificates {
  /** Sorted by Secret. */
  readonly certificates: readonly WantedCertificate[];
  readonly refusals: readonly WantRefusal[];
}

/** What Let's Encrypt takes. */
const maxHosts = 100;

/** `ingresses`: those that are served. `table`: the one that they make, which says whose a host is. */
export function findWantedCertificates(ingresses: Iterable<Ingress>, table: RouteTable): WantedCertificates {
  const hostsOf = new Map<ObjectKey, Set<string>>();
  const ingressesOf = new Map<ObjectKey, Set<Ingress>>();
  const refusals: WantRefusal[] = [];
  for (const ingress of ingresses) {
    if (!wantsCertificates(ingress)) continue;
    const { namespace = '' } = ingress.metadata;
    for (const { secretName = '', hosts = [] } of ingress.spec?.tls ?? []) {
      if (secretName === '') continue;
      const key = objectKey(namespace, secretName);
      for (const host of hosts.map((each) => each.toLowerCase())) {
        if (host.startsWith('*.')) continue;
        const message = refuseHost(host, namespace, table);
        if (message !== null) refusals.push({ ingress, message });
        else {
          hostsOf.set(key, (hostsOf.get(key) ?? new Set()).add(host));
          ingressesOf.set(key, (ingressesOf.get(key) ?? new Set()).add(ingress));
        }
      }
    }
  }
  const certificates: WantedCertificate[] = [];
  for (const [secret, found] of [...hostsOf].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const users = [...(ingressesOf.get(secret) ?? [])];
    const hosts = [...found].sort();
    if (hosts.length <= maxHosts) certificates.push({ secret, hosts, ingresses: users });
    else {
      const message = `Secret "${secret}" is for ${hosts.length} hosts, wanted at most ${maxHosts}`;
      refusals.push(...users.map((ingress) => ({ ingress, message })));
    }
  }
  return { certificates, refusals };
}

function refuseHost(host: string, namespace: string, table: RouteTable): string | null {
  const source = table.hosts.get(host)?.tls?.source;
  return source?.startsWith(`ingress/${namespace}/`) === true
    ? null
    : `host "${host}" belongs to another namespace, whose oldest Ingress has it`;
}
