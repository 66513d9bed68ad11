// Which certificate a host gets, out of the entries of all Ingresses that name it (ingress-api.md E.2).
import type { Certificate, CertificateId, HostPattern, HostTls, Problem } from '../model/index.ts';
import { coversHost } from '../std/host-name.ts';
import type { IngressPlan, TlsClaim } from './plan.ts';
import { quoteValue } from './problems.ts';

/** The certificate that is in force for a Secret; null: none ever was usable. */
export type CertificateLookup = (id: CertificateId) => Certificate | null;

export interface TlsChoice {
  readonly tls: HostTls | null;
  readonly problems: readonly Problem[];
}

/**
 * Ingresses with a rule for the host come before those that only list it, each group oldest first (the order given); within
 * one, entries that list the host come before entries whose certificate happens to cover it. The first certificate that
 * exists and covers the host is chosen; without one the default certificate is served, and the first entry is the source.
 * Only Ingresses of the namespace that owns the host are heard: a certificate for a neighbour's host would put its key into other
 * hands, and TLS alone would redirect the neighbour's requests (http-hardening.md, G4). `owner`: see HostUnit.
 */
export function selectTls(
  host: HostPattern,
  plans: readonly IngressPlan[],
  certificateOf: CertificateLookup,
  owner: string,
): TlsChoice {
  let chosen: HostTls | null = null;
  let first: TlsClaim | null = null;
  const problems: Problem[] = [];
  for (const ruled of [true, false]) {
    for (const plan of plans) {
      const hostPlan = plan.hosts.get(host);
      if (hostPlan === undefined || hostPlan.ruled !== ruled) continue;
      if (plan.ref.namespace !== owner) {
        problems.push(...hostPlan.tls.flatMap((claim) => conflictProblem(host, plan, claim, owner)));
        continue;
      }
      for (const claim of hostPlan.tls) {
        if (claim.onlyCovering !== true) first ??= claim;
        const certificate = claim.secret === null ? null : certificateOf(claim.secret);
        if (certificate === null) continue;
        if (coversHost(certificate.names, host)) {
          chosen ??= { certificate: certificate.id, source: claim.source };
        } else if (claim.isListed) problems.push(mismatchProblem(host, plan, claim, certificate));
      }
    }
  }
  if (chosen !== null || first === null) return { tls: chosen, problems };
  return { tls: { certificate: null, source: first.source }, problems };
}

function conflictProblem(host: HostPattern, plan: IngressPlan, claim: TlsClaim, owner: string): Problem[] {
  if (!claim.isListed) return [];
  const message = `host ${quoteValue(host)} belongs to namespace ${quoteValue(owner)}, whose oldest Ingress has it; this entry gives it neither TLS nor a certificate`;
  return [{ code: 'TlsHostConflict', severity: 'error', object: plan.ref, field: claim.field, message }];
}

/** A certificate may have thousands of names. */
const maxNamesTold = 5;

function mismatchProblem(
  host: HostPattern,
  plan: IngressPlan,
  claim: TlsClaim,
  certificate: Certificate,
): Problem {
  const more = certificate.names.length - maxNamesTold;
  const told = certificate.names.slice(0, maxNamesTold).map(quoteValue).join(', ');
  const names = more > 0 ? `${told} and ${more} more` : told;
  const message = `the certificate of Secret "${certificate.id}" is for ${names}, wanted one for ${quoteValue(host)}; it is not served for this host`;
  return {
    code: 'CertificateHostMismatch',
    severity: 'warning',
    object: plan.ref,
    field: claim.field,
    message,
  };
}
