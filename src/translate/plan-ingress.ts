// Makes the plan of one Ingress that is ours: its claims on hosts and paths, its backends, its TLS, and what is wrong with it.
import {
  type AnnotationValues,
  type CompileContext,
  type Feature,
  type QuirkSet,
  wantsServiceAddress,
} from '../features/index.ts';
import {
  cleanTimestamp,
  type HttpIngressPath,
  type Ingress,
  type IngressBackend,
  type PathType,
} from '../kube/index.ts';
import {
  objectKey,
  type Backend,
  type CredentialsId,
  type HostPattern,
  type ObjectKey,
  type ObjectRef,
  type PathMatch,
  type Problem,
  type ProblemCode,
  type Route,
  type UpstreamId,
} from '../model/index.ts';
import type { AnnotationRules } from './annotation-rules.ts';
import {
  annotationField,
  parseAnnotations,
  type AnnotationIndex,
  type ParsedAnnotations,
} from './annotations.ts';
import type { FieldTexts } from './config-map-data.ts';
import { clusterIpUpstream } from './cluster-ip.ts';
import { findAcmeProblems } from './plan-acme.ts';
import { compilePolicies } from './compile-route.ts';
import { addFurtherNames } from './further-names.ts';
import { authoritySecretOf } from './host-client-auth.ts';
import { hostPattern } from './host-names.ts';
import { findForeignCharacter, findUnreachable, refusePattern, resolvePathMatch } from './path-match.ts';
import type {
  BackendUse,
  CredentialsUse,
  HostPlan,
  IngressPlan,
  PathClaim,
  SecretUse,
  TlsClaim,
} from './plan.ts';
import { deniedBackend, planBackend, unsupportedBackend } from './plan-backend.ts';
import { planCanary } from './plan-canary.ts';
import { noTls, planTls } from './plan-tls.ts';
import type { TranslateOptions } from './options.ts';
import { quirksOf } from './quirks/quirk-set.ts';
import { quoteValue } from './problems.ts';
import { membersOf, textOf } from './shape.ts';

export interface PlanResult {
  /** Null: this version of the object is not taken, its last good one stays in force. */
  readonly plan: IngressPlan | null;
  /** Whether the plan is one to go back to when a later version is not taken. */
  readonly isGood: boolean;
  readonly problems: readonly Problem[];
}

/** What a plan starts from besides its Ingress. */
export interface PlanBasis {
  /** Of settings, by the name of the annotation key. */
  readonly defaults: AnnotationValues;
  /** Whether a good version of the Ingress is known. */
  readonly hasLastGood: boolean;
  readonly annotationRules: AnnotationRules;
  readonly options: TranslateOptions;
  readonly configMapOf: (key: ObjectKey) => FieldTexts | undefined;
}

interface PlannedAnnotations extends ParsedAnnotations {
  readonly quirks: QuirkSet;
}

/**
 * Never throws: what goes wrong in reading one object, be it a feature's defect, is that object's problem alone. A rejected version without
 * a last good one is denied: its place among the owners of its hosts, and what it asks of their clients, must not hang on what a
 * process has seen before.
 */
export function planIngress(
  ingress: Ingress,
  features: readonly Feature[],
  index: AnnotationIndex,
  basis: PlanBasis,
): PlanResult {
  const { defaults, hasLastGood, annotationRules, options } = basis;
  const ref: ObjectRef = {
    kind: 'Ingress',
    namespace: textOf(ingress.metadata.namespace),
    name: textOf(ingress.metadata.name),
  };
  try {
    const parsed = parseAnnotations(ingress, ref, index, hasLastGood, annotationRules);
    const quirks = quirksOf(options, defaults, parsed.values);
    const annotations = { ...parsed, quirks, values: withDefaults(parsed.values, defaults) };
    const isGood = annotations.fate !== 'reject';
    if (!isGood && hasLastGood) return { plan: null, isGood, problems: annotations.problems };
    const plan = new Planner(ingress, ref, features, annotations, basis).plan(index);
    return { plan, isGood, problems: plan.problems };
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown error';
    const message = `the object was not translated, which is a fault of this program: ${reason}; its last good version stays in force`;
    return {
      plan: null,
      isGood: false,
      problems: [{ code: 'InvalidObject', severity: 'error', object: ref, field: '', message }],
    };
  }
}

/** What is annotated goes before what is set. */
function withDefaults(values: AnnotationValues, defaults: AnnotationValues): AnnotationValues {
  return defaults.size === 0 ? values : new Map([...defaults, ...values]);
}

/** One use: reads one Ingress and gathers what it finds. */
class Planner {
  readonly #ingress: Ingress;
  readonly #ref: ObjectRef;
  readonly #namespace: string;
  readonly #createdMs: number;
  readonly #source: string;
  readonly #features: readonly Feature[];
  readonly #canary: IngressPlan['canary'];
  readonly #annotations: PlannedAnnotations;
  readonly #configMaps: readonly ObjectKey[];
  readonly #surroundings: Pick<
    CompileContext,
    'allowsLoopback' | 'adminPorts' | 'configMaps' | 'crossesNamespaces'
  >;
  readonly #problems: Problem[];
  readonly #backends: BackendUse[] = [];
  readonly #furtherUpstreams = new Set<UpstreamId>();
  readonly #clientSecrets = new Map<ObjectKey, SecretUse>();
  readonly #credentials = new Map<CredentialsId, CredentialsUse>();
  #position = 0;

  constructor(
    ingress: Ingress,
    ref: ObjectRef,
    features: readonly Feature[],
    annotations: PlannedAnnotations,
    { options, configMapOf, annotationRules }: PlanBasis,
  ) {
    this.#ingress = ingress;
    const named = features.flatMap(
      (feature) => feature.configMapOf?.(annotations.values, ref.namespace ?? '') ?? [],
    );
    const known = named.map((key) => [key, configMapOf(key)] as const);
    this.#configMaps = named;
    this.#surroundings = {
      allowsLoopback: options.allowLoopbackEndpoints,
      adminPorts: options.ownListeners.flatMap(({ port, purpose }) => (purpose === 'admin' ? [port] : [])),
      crossesNamespaces: annotationRules.crossesNamespaces,
      configMaps: new Map(known.flatMap(([key, data]) => (data === undefined ? [] : [[key, data]]))),
    };
    this.#ref = ref;
    this.#namespace = ref.namespace ?? '';
    this.#createdMs = cleanTimestamp(ingress.metadata);
    this.#source = `ingress/${this.#namespace}/${ref.name}`;
    const { values, fullKeys } = annotations;
    const canary = planCanary(values, fullKeys, features, ref);
    this.#features = canary.features;
    this.#canary = canary.rule;
    this.#annotations = annotations;
    this.#problems = [...annotations.problems, ...canary.problems];
  }

  plan(index: AnnotationIndex): IngressPlan {
    const { values, fullKeys, unreadableHostKeys, quirks } = this.#annotations;
    const { crossesNamespaces } = this.#surroundings;
    const claims = this.#readRules();
    const isCanary = this.#canary !== null;
    const tls = isCanary ? noTls : planTls(this.#ingress, this.#ref, new Set(claims.keys()));
    const fallback = this.#fallbackOf();
    if (claims.size === 0 && fallback !== null) claims.set('', []);
    const hosts = new Map<HostPattern, HostPlan>();
    for (const [host, list] of claims) {
      hosts.set(host, this.#hostPlan(list, fallback?.(host) ?? null, tls.claims.get(host)));
    }
    for (const [host, list] of tls.claims) {
      if (!hosts.has(host)) hosts.set(host, { ruled: false, claims: [], fallback: null, tls: list });
    }
    addFurtherNames(hosts, { values, fullKeys, ref: this.#ref }, this.#problems);
    return {
      key: objectKey(this.#namespace, this.#ref.name),
      ref: this.#ref,
      createdMs: this.#createdMs,
      values,
      quirks,
      fullKeys,
      unreadableHostKeys,
      crossesNamespaces,
      canary: this.#canary,
      isDenied: this.#isDenied,
      hostValues: new Map([...values].filter(([name]) => index.hostNames.has(name))),
      hosts,
      backends: this.#backends,
      furtherUpstreams: [...this.#furtherUpstreams],
      secrets: tls.secrets,
      authoritySecrets: isCanary
        ? []
        : authoritySecretOf({ values, fullKeys, crossesNamespaces, ref: this.#ref }),
      clientSecrets: [...this.#clientSecrets.values()],
      configMaps: this.#configMaps,
      credentials: [...this.#credentials.values()],
      problems: [...this.#problems, ...tls.problems, ...findAcmeProblems(this.#ingress, this.#ref)],
    };
  }

  #hostPlan(
    claims: readonly PathClaim[],
    fallback: PathClaim | null,
    tls: readonly TlsClaim[] | undefined,
  ): HostPlan {
    return { ruled: this.#canary === null, claims, fallback, tls: tls ?? [] };
  }

  /** Claims by host; a rule without paths names its host all the same. */
  #readRules(): Map<HostPattern, PathClaim[]> {
    const hosts = new Map<HostPattern, PathClaim[]>();
    for (const [index, rule] of membersOf(this.#ingress.spec?.rules)) {
      const host = hostPattern(textOf(rule.host));
      const claims = hosts.get(host) ?? [];
      hosts.set(host, claims);
      for (const [place, path] of membersOf(rule.http?.paths)) {
        const claim = this.#readPath(host, path, index, place);
        if (claim !== null) claims.push(claim);
      }
    }
    return hosts;
  }

  /** Null: the path's pattern is refused and it takes no part in matching. */
  #readPath(host: HostPattern, path: HttpIngressPath, rule: number, place: number): PathClaim | null {
    const field = `spec.rules[${rule}].http.paths[${place}]`;
    const pathText = textOf(path.path);
    const pathType = pathTypeOf(path.pathType);
    const match = resolvePathMatch(pathText, pathType, this.#annotations.values);
    const backend = this.#readBackend(path.backend, `${field}.backend`);
    const refused = refusePattern(match);
    if (refused !== null) {
      const message = `path ${quoteValue(pathText)} is not a supported regular expression: ${refused}; it is not served`;
      this.#report('RegexUnsupported', 'error', `${field}.path`, message);
      return null;
    }
    this.#checkReach(pathText, match, `${field}.path`);
    const source = `${this.#source}/rule/${rule}/path/${place}`;
    return this.#claim({ host, match, field, source, pathText, pathType, backend });
  }

  #checkReach(pathText: string, match: PathMatch, field: string): void {
    const foreign = findForeignCharacter(pathText, match);
    if (foreign !== null) {
      const message = `path ${quoteValue(pathText)} holds "${foreign}", which no request's path holds unless escaped, wanted a path without query and fragment`;
      this.#report('PathUnreachable', 'warning', field, message);
    }
    const reason = findUnreachable(match);
    if (reason !== null) {
      const message = `path ${quoteValue(pathText)} can never be served: ${reason}`;
      this.#report('PathUnreachable', 'warning', field, message);
    }
  }

  /** The default backend as a claim of a host, made anew for each host because features may look at it; null: there is none. */
  #fallbackOf(): ((host: HostPattern) => PathClaim) | null {
    const defaultBackend = this.#ingress.spec?.defaultBackend;
    if (typeof defaultBackend !== 'object' || defaultBackend === null) return null;
    const field = 'spec.defaultBackend';
    const backend = this.#readBackend(defaultBackend, field);
    const source = `${this.#source}/default-backend`;
    const match: PathMatch = { kind: 'prefix', path: '/' };
    return (host) => this.#claim({ host, match, field, source, pathText: '', pathType: null, backend });
  }

  #readBackend(backend: IngressBackend | undefined, field: string): PlannedBackend {
    const planned = planBackend(this.#namespace, backend);
    if (planned.kind === 'unsupported') {
      this.#report('UnsupportedBackend', 'error', field, `${planned.message}; the path answers 503`);
      return { backend: unsupportedBackend, service: '', port: '' };
    }
    const { service, port, portKind } = planned;
    const byAddress = wantsServiceAddress(this.#annotations.values);
    const upstream = byAddress ? clusterIpUpstream(planned.upstream) : planned.upstream;
    if (this.#isDenied) return { backend: deniedBackend, service, port };
    const serviceField = `${field}.service.name`;
    this.#backends.push({ upstream, field, serviceField, portField: `${field}.service.port.${portKind}` });
    return { backend: { kind: 'upstream', upstream }, service, port };
  }

  #claim(parts: ClaimParts): PathClaim {
    const { host, match, field, source, pathText, pathType, backend } = parts;
    const namespace = this.#namespace;
    const context = this.#isDenied
      ? null
      : { host, path: match.path, pathKind: match.kind, namespace, ...this.#surroundings };
    const { policies, issues } =
      context === null
        ? { policies: {}, issues: [] }
        : compilePolicies(this.#features, this.#annotations.values, context);
    this.#noteReferences(policies);
    const route: Route = {
      id: source,
      match,
      backend: this.#isDenied ? deniedBackend : backend.backend,
      labels: {
        namespace: this.#namespace,
        ingress: this.#ref.name,
        service: backend.service,
        servicePort: backend.port,
        path: pathText,
      },
      policies,
    };
    const position = this.#position;
    this.#position += 1;
    const ingress = objectKey(this.#namespace, this.#ref.name);
    return { ingress, createdMs: this.#createdMs, position, field, pathType, route, context, issues };
  }

  #noteReferences(policies: Readonly<Record<string, unknown>>): void {
    for (const feature of this.#features) {
      const policy = policies[feature.name];
      if (policy === undefined) continue;
      const upstream = feature.upstreamOf?.(policy) ?? null;
      if (upstream !== null) this.#noteUpstream(upstream, feature.upstreamKey);
      const clientTls = feature.clientTlsOf?.(policy) ?? null;
      if (clientTls !== null) {
        this.#clientSecrets.set(clientTls.id, { secret: clientTls.id, field: this.#fieldOf(clientTls.key) });
      }
      const credentials = feature.credentialsOf?.(policy) ?? null;
      if (credentials !== null) {
        this.#credentials.set(credentials.id, { id: credentials.id, field: this.#fieldOf(credentials.key) });
      }
    }
  }

  #noteUpstream(upstream: UpstreamId, key: string | undefined): void {
    this.#furtherUpstreams.add(upstream);
    if (key === undefined) return;
    const field = this.#fieldOf(key);
    if (this.#backends.some((use) => use.upstream === upstream && use.field === field)) return;
    this.#backends.push({ upstream, field, serviceField: field, portField: field });
  }

  #fieldOf(keyName: string): string {
    return annotationField(this.#annotations.fullKeys.get(keyName) ?? keyName);
  }

  get #isDenied(): boolean {
    return this.#annotations.fate !== 'serve';
  }

  #report(code: ProblemCode, severity: Problem['severity'], field: string, message: string): void {
    this.#problems.push({ code, severity, object: this.#ref, field, message });
  }
}

interface PlannedBackend {
  readonly backend: Backend;
  readonly service: string;
  readonly port: string;
}

interface ClaimParts {
  readonly host: HostPattern;
  readonly match: PathMatch;
  readonly field: string;
  readonly source: string;
  readonly pathText: string;
  readonly pathType: PathType | null;
  readonly backend: PlannedBackend;
}

function pathTypeOf(value: unknown): PathType {
  return value === 'Exact' || value === 'Prefix' ? value : 'ImplementationSpecific';
}

/** An issue that a feature found, as a problem of the Ingress: about an annotation, or about the path. */
export function problemOfIssue(
  claim: PathClaim,
  issue: PathClaim['issues'][number],
  object: ObjectRef,
): Problem {
  const field = issue.key === '' ? `${claim.field}.path` : annotationField(issue.key);
  return { code: issue.code, severity: issue.severity, object, field, message: issue.message };
}
