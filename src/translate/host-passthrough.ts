// Whether the TLS connections of a host are passed through, and where to. As with certificates, the namespace of the oldest Ingress with a
// rule for the host decides; and only its path "/" can be meant, since nobody here will see a path. Nobody will see a client either: where
// that namespace keeps clients of the host out, nothing is passed through and its paths are denied, because what it asked for cannot be had.
import { passthroughProxyProtocolKey, sslPassthroughKey } from '../features/index.ts';
import type { ClientAuth, HostPattern, Passthrough, Problem } from '../model/index.ts';
import { annotationField } from './annotations.ts';
import type { IngressPlan, PathClaim } from './plan.ts';
import { quoteValue } from './problems.ts';
import { protectiveKeys } from './protective-keys.ts';

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
  /** What the host wants of its clients. */
  readonly clientAuth: ClientAuth | null;
  /** `--enable-ssl-passthrough`. */
  readonly isOn: boolean;
}

export interface PassthroughChoice {
  /** Null: TLS ends here. */
  readonly passthrough: Passthrough | null;
  /** Their paths on this host answer 503. */
  readonly denied: ReadonlySet<IngressPlan>;
}

const notPassed: PassthroughChoice = { passthrough: null, denied: new Set() };

export function selectPassthrough(inputs: PassthroughInputs, problems: Problem[]): PassthroughChoice {
  const { host, owner, plans, isOn } = inputs;
  const asking = plans.filter(asksForPassthrough);
  if (asking.length === 0) return notPassed;
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
    return notPassed;
  }
  for (const plan of asking) {
    if (plan.ref.namespace === owner) continue;
    const why = `its oldest Ingress is in namespace ${quoteValue(owner)}, which decides about its TLS`;
    report(plan, 'TlsHostConflict', 'error', why);
  }
  const decider = plans.find(
    ({ ref, values }) => ref.namespace === owner && values.has(sslPassthroughKey.name),
  );
  if (decider === undefined || !asksForPassthrough(decider)) return notPassed;
  const root = findRoot(inputs);
  const guard = root === null ? null : findGuard(inputs);
  if (guard !== null) {
    const why = `${guard}, and nobody can check that on connections that are passed through`;
    report(decider, 'AnnotationUnsupported', 'error', `${why}; TLS ends here, and ${renderDenial(inputs)}`);
    return { passthrough: null, denied: denyOwn(inputs, decider, why, problems) };
  }
  const backend = root?.route.backend;
  if (root === null || backend?.kind !== 'upstream') {
    report(
      decider,
      'UnsupportedBackend',
      'error',
      `it has no path "/" with a Service in namespace ${quoteValue(owner)}`,
    );
    return notPassed;
  }
  warnOfOthers(inputs, root, problems);
  const passthrough: Passthrough = {
    upstream: backend.upstream,
    proxyProtocol: proxyProtocolOf(decider),
    source: `ingress/${decider.key}`,
  };
  return { ...notPassed, passthrough };
}

/** What keeps clients of the host out, as its namespace wants it; null: nothing. */
function findGuard({ plans, owner, clientAuth }: PassthroughInputs): string | null {
  if (clientAuth !== null) return `${clientAuth.source} asks the clients of the host for certificates`;
  for (const { ref, key, isDenied, values, fullKeys } of plans) {
    if (ref.namespace !== owner) continue;
    if (isDenied) return `annotations of Ingress ${quoteValue(key)} make its paths answer 503`;
    const isOff = values.get('enable-global-auth') === false;
    const guard = [...values].find(
      ([name, value]) =>
        protectiveKeys.has(name) && value !== false && !(isOff && name === 'global-auth-url'),
    );
    if (guard === undefined) continue;
    const [name] = guard;
    const fullKey = fullKeys.get(name);
    const what = fullKey === undefined ? `setting "${name}"` : `annotation "${fullKey}"`;
    return `${what} of Ingress ${quoteValue(key)} keeps clients out`;
  }
  return null;
}

/** The Ingresses of the namespace that decides, all of them, and tells those that did not ask for the passthrough. */
function denyOwn(
  inputs: PassthroughInputs,
  decider: IngressPlan,
  why: string,
  problems: Problem[],
): ReadonlySet<IngressPlan> {
  const own = inputs.plans.filter(({ ref }) => ref.namespace === inputs.owner);
  for (const { ref } of own.filter((plan) => plan !== decider)) {
    const message = `Ingress ${quoteValue(decider.key)} asks for "${sslPassthroughKey.name}" for ${renderName(inputs.host)}, but ${why}; ${renderDenial(inputs)}`;
    problems.push({ code: 'AnnotationUnsupported', severity: 'error', object: ref, field: '', message });
  }
  return new Set(own);
}

function renderDenial({ owner }: PassthroughInputs): string {
  return `the paths of namespace ${quoteValue(owner)} on it answer 503`;
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
function findRoot({ owner, winners, fallback }: PassthroughInputs): PathClaim | null {
  const roots = winners.filter(({ claim }) => claim.route.match.path === '/');
  const root = roots.find(({ claim }) => claim.route.match.kind !== 'exact') ?? roots[0] ?? fallback;
  return root?.plan.ref.namespace === owner ? root.claim : null;
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
