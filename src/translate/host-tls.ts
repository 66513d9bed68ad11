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

const noTls: TlsChoice = { tls: null, problems: [] };

/**
 * Ingresses with a rule for the host come before those that only list it, each group oldest first (the order given); within
 * one, entries that list the host come before entries whose certificate happens to cover it. The first certificate that
 * exists and covers the host is chosen; without one the default certificate is served, and the first entry is the source.
 */
export function selectTls(
  host: HostPattern,
  plans: readonly IngressPlan[],
  certificateOf: CertificateLookup,
): TlsChoice {
  let chosen: HostTls | null = null;
  let first: TlsClaim | null = null;
  const problems: Problem[] = [];
  for (const ruled of [true, false]) {
    for (const plan of plans) {
      const hostPlan = plan.hosts.get(host);
      if (hostPlan === undefined || hostPlan.ruled !== ruled) continue;
      for (const claim of hostPlan.tls) {
        first ??= claim;
        const certificate = claim.secret === null ? null : certificateOf(claim.secret);
        if (certificate === null) continue;
        if (coversHost(certificate.names, host)) {
          chosen ??= { certificate: certificate.id, source: claim.source };
        } else if (claim.isListed) problems.push(mismatchProblem(host, plan, claim, certificate));
      }
    }
  }
  if (first === null) return noTls;
  return { tls: chosen ?? { certificate: null, source: first.source }, problems };
}

function mismatchProblem(
  host: HostPattern,
  plan: IngressPlan,
  claim: TlsClaim,
  certificate: Certificate,
): Problem {
  const names = certificate.names.map(quoteValue).join(', ');
  const message = `the certificate of Secret "${certificate.id}" is for ${names}, wanted one for ${quoteValue(host)}; it is not served for this host`;
  return {
    code: 'CertificateHostMismatch',
    severity: 'warning',
    object: plan.ref,
    field: claim.field,
    message,
  };
}
