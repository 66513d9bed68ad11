// Whether the TLS connections of a host are passed through, and where to. As with certificates, the namespace of the oldest Ingress with a
// rule for the host decides; and only its path "/" can be meant, since nobody here will see a path.
import { passthroughProxyProtocolKey, sslPassthroughKey } from '../features/index.ts';
import type { HostPattern, Passthrough, Problem } from '../model/index.ts';
import { annotationField } from './annotations.ts';
import type { IngressPlan, PathClaim } from './plan.ts';
import { quoteValue } from './problems.ts';

/** A path that belongs to an Ingress. */
export interface OwnedClaim {
  readonly plan: IngressPlan;
  readonly claim: PathClaim;
}

export interface PassthroughInputs {
  readonly host: HostPattern;
  /** The namespace that decides about the host's TLS. */
  readonly owner: string;
  /** Those with a rule for the host, oldest first. */
  readonly plans: readonly IngressPlan[];
  /** The paths that are served. */
  readonly winners: readonly OwnedClaim[];
  readonly fallback: OwnedClaim | null;
  /** `--enable-ssl-passthrough`. */
  readonly isOn: boolean;
}

/** Null: TLS ends here. */
export function selectPassthrough(inputs: PassthroughInputs, problems: Problem[]): Passthrough | null {
  const { host, owner, plans, isOn } = inputs;
  const asking = plans.filter(asksForPassthrough);
  if (asking.length === 0) return null;
  const report = (
    plan: IngressPlan,
    code: Problem['code'],
    severity: Problem['severity'],
    why: string,
  ): void => {
    const key = plan.fullKeys.get(sslPassthroughKey.name) ?? sslPassthroughKey.name;
    const message = `annotation "${key}" has no effect for ${renderName(host)}: ${why}`;
    problems.push({ code, severity, object: plan.ref, field: annotationField(key), message });
  };
  if (!isOn || host === '') {
    const why = isOn
      ? 'a connection goes by the name that the client asks for, and there is none'
      : 'the controller runs without --enable-ssl-passthrough, so TLS ends here';
    for (const plan of asking) report(plan, 'AnnotationUnsupported', 'warning', why);
    return null;
  }
  for (const plan of asking) {
    if (plan.ref.namespace === owner) continue;
    const why = `its oldest Ingress is in namespace ${quoteValue(owner)}, which decides about its TLS`;
    report(plan, 'TlsHostConflict', 'error', why);
  }
  const decider = plans.find(
    ({ ref, values }) => ref.namespace === owner && values.has(sslPassthroughKey.name),
  );
  if (decider === undefined || !asksForPassthrough(decider)) return null;
  const root = findRoot(inputs);
  if (root === null) {
    report(
      decider,
      'UnsupportedBackend',
      'error',
      `it has no path "/" with a Service in namespace ${quoteValue(owner)}`,
    );
    return null;
  }
  warnOfOthers(inputs, root.claim, problems);
  return {
    upstream: root.upstream,
    proxyProtocol: proxyProtocolOf(decider),
    source: `ingress/${decider.key}`,
  };
}

function asksForPassthrough({ values }: IngressPlan): boolean {
  return values.get(sslPassthroughKey.name) === true;
}

function proxyProtocolOf({ values }: IngressPlan): Passthrough['proxyProtocol'] {
  const version = values.get(passthroughProxyProtocolKey.name);
  return version === 'v1' || version === 'v2' ? version : 'off';
}

function renderName(host: HostPattern): string {
  return host === '' ? 'the rules without host' : `host ${quoteValue(host)}`;
}

/** The backend of path "/", else the default backend. Another namespace cannot take the connections of a host with its path. */
function findRoot({ owner, winners, fallback }: PassthroughInputs) {
  const roots = winners.filter(({ claim }) => claim.route.match.path === '/');
  const root = roots.find(({ claim }) => claim.route.match.kind !== 'exact') ?? roots[0] ?? fallback;
  const backend = root?.claim.route.backend;
  if (root === null || root.plan.ref.namespace !== owner || backend?.kind !== 'upstream') return null;
  return { claim: root.claim, upstream: backend.upstream };
}

function warnOfOthers({ host, winners }: PassthroughInputs, root: PathClaim, problems: Problem[]): void {
  for (const { plan, claim } of winners) {
    if (claim === root) continue;
    problems.push({
      code: 'PathNotPassedThrough',
      severity: 'warning',
      object: plan.ref,
      field: `${claim.field}.path`,
      message: `path ${quoteValue(claim.route.match.path)} is served over plain HTTP only: TLS connections for host ${quoteValue(host)} are passed through to ${root.route.id}`,
    });
  }
}
