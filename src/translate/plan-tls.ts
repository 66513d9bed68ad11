// The `tls` section of an Ingress: which of its entries may give which host its certificate, and what is odd about it.
import type { Ingress } from '../kube/index.ts';
import { objectKey, type HostPattern, type ObjectRef, type Problem } from '../model/index.ts';
import { coversHost } from '../std/host-name.ts';
import { hostPattern } from './host-names.ts';
import type { SecretUse, TlsClaim } from './plan.ts';
import { quoteValue } from './problems.ts';
import { membersOf, textOf, textsOf } from './shape.ts';

export interface TlsPlan {
  /** Entries by host, best first. */
  readonly claims: ReadonlyMap<HostPattern, readonly TlsClaim[]>;
  readonly secrets: readonly SecretUse[];
  readonly problems: readonly Problem[];
}

export const noTls: TlsPlan = { claims: new Map(), secrets: [], problems: [] };

interface TlsEntry {
  readonly claim: Omit<TlsClaim, 'isListed' | 'field'>;
  readonly field: string;
  /** Lower case, each with its field path. */
  readonly hosts: readonly (readonly [HostPattern, string])[];
}

/**
 * Every host of the rules has TLS as soon as there is an entry (ingress-nginx's rule; ingress-api.md E.2): first by the entries
 * that list it or its wildcard, then by any whose certificate covers it. The catch-all host has none: no certificate is for all
 * names. A host that is listed but in no rule gets TLS too, with a warning; a wildcard that stands for a rule's host is
 * no such host.
 */
export function planTls(ingress: Ingress, object: ObjectRef, ruledHosts: ReadonlySet<HostPattern>): TlsPlan {
  const namespace = textOf(ingress.metadata.namespace);
  const entries = readEntries(ingress, namespace);
  if (entries.length === 0) return noTls;
  const claims = new Map<HostPattern, readonly TlsClaim[]>();
  for (const host of ruledHosts) if (host !== '') claims.set(host, claimsOfRuledHost(host, entries));
  const problems: Problem[] = [];
  for (const entry of entries) {
    for (const [host, field] of entry.hosts) {
      if (host === '' || ruledHosts.has(host) || standsForRuled(host, ruledHosts)) continue;
      claims.set(host, [...(claims.get(host) ?? []), { ...entry.claim, isListed: true, field }]);
      problems.push({
        code: 'TlsHostWithoutRule',
        severity: 'warning',
        object,
        field,
        message: `tls host ${quoteValue(host)} is the host of no rule, wanted one with the same host`,
      });
    }
  }
  return { claims, secrets: entries.flatMap(secretUseOf), problems };
}

function readEntries(ingress: Ingress, namespace: string): TlsEntry[] {
  return membersOf(ingress.spec?.tls).map(([index, entry]) => {
    const secretName = textOf(entry.secretName);
    const field = `spec.tls[${index}]`;
    return {
      claim: {
        source: `ingress/${namespace}/${ingress.metadata.name}/tls/${index}`,
        secret: secretName === '' ? null : objectKey(namespace, secretName),
      },
      field: `${field}.secretName`,
      hosts: textsOf(entry.hosts).map(([place, host]) => [hostPattern(host), `${field}.hosts[${place}]`]),
    };
  });
}

function secretUseOf({ claim, field }: TlsEntry): SecretUse[] {
  return claim.secret === null ? [] : [{ secret: claim.secret, field }];
}

function claimsOfRuledHost(host: HostPattern, entries: readonly TlsEntry[]): readonly TlsClaim[] {
  const listed: TlsClaim[] = [];
  const others: TlsClaim[] = [];
  for (const { claim, field, hosts } of entries) {
    const listing = hosts.find(([name]) => coversHost([name], host));
    if (listing === undefined) others.push({ ...claim, isListed: false, field });
    else listed.push({ ...claim, isListed: true, field: listing[1] });
  }
  return [...listed, ...others];
}

/** Whether a listed wildcard is there for a host of the rules. */
function standsForRuled(listed: HostPattern, ruledHosts: ReadonlySet<HostPattern>): boolean {
  if (!listed.startsWith('*.')) return false;
  for (const host of ruledHosts) if (coversHost([listed], host)) return true;
  return false;
}
