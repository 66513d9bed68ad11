// What a host wants of its clients, out of the annotations of the Ingresses that have a rule for it. All keys come from one Ingress: a younger
// one cannot soften what an older one asks for. Only the namespace that owns the host decides; the paths of others who ask are
// denied, because they would be open otherwise. A key whose value cannot be read asks too: a typing mistake opens no path of the host.
import {
  authTlsSecretKey,
  errorPageKey,
  matchCnKey,
  passCertificateKey,
  verifyClientKey,
  verifyDepthKey,
  readValue,
} from '../features/index.ts';
import type { AnnotationKey } from '../features/index.ts';
import { splitObjectKey, type ClientAuth, type HostPattern, type Problem } from '../model/index.ts';
import { annotationField } from './annotations.ts';
import type { IngressPlan, SecretUse } from './plan.ts';
import { quoteValue } from './problems.ts';

export interface ClientAuthChoice {
  readonly clientAuth: ClientAuth | null;
  /** Their paths on this host answer 503. */
  readonly denied: ReadonlySet<IngressPlan>;
}

const none: ReadonlySet<IngressPlan> = new Set();

/** `plans`: those with a rule for the host, oldest first. */
export function selectClientAuth(
  host: HostPattern,
  plans: readonly IngressPlan[],
  owner: string,
  problems: Problem[],
): ClientAuthChoice {
  const asking = plans.filter(asksForClients);
  if (asking.length === 0) return { clientAuth: null, denied: none };
  const denied = asking.filter(({ ref }) => ref.namespace !== owner);
  for (const plan of denied) {
    const why = `its oldest Ingress is in namespace ${quoteValue(owner)}, which decides about its TLS; the paths of this Ingress on it answer 503`;
    problems.push(problemOf(plan, 'TlsHostConflict', `has no effect for host ${quoteValue(host)}: ${why}`));
  }
  const own = asking.filter(({ ref }) => ref.namespace === owner);
  const decider = own.find((plan) => sets(plan, authTlsSecretKey)) ?? own[0];
  return {
    clientAuth: decider === undefined ? null : readClientAuth(decider, host, problems),
    denied: new Set(denied),
  };
}

/** The Secret of an Ingress that may be looked at: one of its own namespace, unless the operator says otherwise. */
export function authoritySecretOf({
  values,
  fullKeys,
  ref,
  crossesNamespaces,
}: Pick<IngressPlan, 'values' | 'fullKeys' | 'ref' | 'crossesNamespaces'>): SecretUse[] {
  const secret = readValue(values, authTlsSecretKey);
  if (secret === undefined) return [];
  if (!crossesNamespaces && splitObjectKey(secret).namespace !== ref.namespace) return [];
  return [{ secret, field: annotationField(fullKeys.get(authTlsSecretKey.name) ?? authTlsSecretKey.name) }];
}

function asksForClients(plan: IngressPlan): boolean {
  return sets(plan, authTlsSecretKey) || sets(plan, matchCnKey);
}

/** Also to a value that cannot be read. */
function sets({ values, unreadableHostKeys }: IngressPlan, { name }: AnnotationKey): boolean {
  return values.has(name) || unreadableHostKeys.has(name);
}

/** Null: none is asked for. */
function readClientAuth(plan: IngressPlan, host: HostPattern, problems: Problem[]): ClientAuth | null {
  const { values } = plan;
  const mode = readValue(values, verifyClientKey) ?? 'required';
  const subjectPattern = readValue(values, matchCnKey) ?? '';
  if (mode === 'off' && !sets(plan, matchCnKey)) return null;
  const secret = readValue(values, authTlsSecretKey);
  const why = whyNobody(plan, mode);
  if (why !== null) {
    const message = `leaves nobody to be verified for host ${quoteValue(host)}: ${why}; every request of the host answers 503`;
    problems.push(problemOf(plan, 'AnnotationInvalid', message));
  }
  return {
    authority: why === null ? (secret ?? null) : null,
    mode: mode === 'off' ? 'required' : mode,
    maxIntermediates: readValue(values, verifyDepthKey) ?? 1,
    errorUrl: readValue(values, errorPageKey) ?? '',
    passesCertificate: readValue(values, passCertificateKey) ?? false,
    subjectPattern,
    source: `ingress/${plan.key}`,
  };
}

function whyNobody(
  { values, unreadableHostKeys, ref, crossesNamespaces }: IngressPlan,
  mode: ClientAuth['mode'] | 'off',
): string | null {
  for (const { name } of [authTlsSecretKey, matchCnKey]) {
    if (unreadableHostKeys.has(name)) return `the value of "${name}" cannot be read`;
  }
  const secret = readValue(values, authTlsSecretKey);
  if (secret === undefined) return `there is no "${authTlsSecretKey.name}"`;
  if (!crossesNamespaces && splitObjectKey(secret).namespace !== ref.namespace) {
    return `Secret ${quoteValue(secret)} is in another namespace, wanted one in ${quoteValue(ref.namespace ?? '')}`;
  }
  return mode === 'off' ? `"${verifyClientKey.name}" is "off" beside "${matchCnKey.name}"` : null;
}

function problemOf(plan: IngressPlan, code: Problem['code'], message: string): Problem {
  const { name } = sets(plan, authTlsSecretKey) ? authTlsSecretKey : matchCnKey;
  const key = plan.fullKeys.get(name) ?? plan.unreadableHostKeys.get(name) ?? name;
  const text = `annotation "${key}" ${message}`;
  return { code, severity: 'error', object: plan.ref, field: annotationField(key), message: text };
}
