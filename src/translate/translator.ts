// The translator: Kubernetes objects in, a routing table and problems out, at a cost that is the size of the change. It holds
// the objects and four kinds of units (plans, hosts, upstreams, certificates), each recomputed only when what it was made of
// changes. Any sequence of changes gives the table that the final state gives from scratch; only "last good" has a memory.
import type { IngressClass, KubeObject } from '../kube/index.ts';
import {
  emptyTable,
  notFoundRoute,
  objectKey,
  splitObjectKey,
  type ObjectKey,
  type ObjectRef,
  type Problem,
  type Route,
  type RouteTable,
  type TablePatch,
  type UpstreamId,
} from '../model/index.ts';
import { indexAnnotations } from './annotations.ts';
import { makeAuthorityUnits } from './authority-units.ts';
import { CertificateUnits } from './certificate-units.ts';
import { ChallengeUnits } from './challenge-units.ts';
import { makeClientTlsUnits } from './client-tls-units.ts';
import { CredentialUnits } from './credential-units.ts';
import { ClassSettings } from './class-settings.ts';
import { readArrivalSettings } from './arrival-settings.ts';
import { readTlsSettings } from './controller-settings.ts';
import { FieldMaps } from './field-maps.ts';
import { HostUnits } from './host-units.ts';
import { IngressPlans, type PlanChange } from './ingress-plans.ts';
import type { ObjectChange, TranslateOptions } from './options.ts';
import { checkDefaultClasses, isOurClass, type Ownership } from './ownership.ts';
import { upstreamId } from './plan-backend.ts';
import { ProblemBook } from './problems.ts';
import type { UpstreamIssue } from './resolve-upstream.ts';
import { textOf } from './shape.ts';
import { readTrafficSettings } from './traffic-settings.ts';
import { indexSettings } from './settings.ts';
import { findReferenceProblems } from './reference-problems.ts';
import { StreamUnits } from './stream-units.ts';
import { TableDraft } from './table-draft.ts';
import { type IngressChange, type TryOut, tryOutChange, type TryOutParts } from './try-out.ts';
import { nowhere, type ProxyPlace } from './topology.ts';
import { UpstreamUnits } from './upstream-units.ts';

export interface TranslateStep {
  /** For the workers; null if the table is unchanged. The first step always has one. */
  readonly patch: TablePatch | null;
  /** Objects whose problems are others than before, sorted. */
  readonly problemsChanged: readonly ObjectRef[];
}

/** Not shared between threads; `table` and everything handed out are immutable. */
export class Translator {
  readonly #options: TranslateOptions;
  readonly #book = new ProblemBook();
  readonly #plans: IngressPlans;
  readonly #settings: ClassSettings;
  readonly #hosts: HostUnits;
  readonly #upstreams: UpstreamUnits;
  readonly #streams: StreamUnits;
  readonly #fieldMaps = new FieldMaps();
  readonly #certificates: CertificateUnits;
  readonly #challenges: ChallengeUnits;
  readonly #clientTls = makeClientTlsUnits();
  readonly #authorities = makeAuthorityUnits();
  readonly #credentials = new CredentialUnits();
  readonly #tryOutParts: TryOutParts;
  readonly #defaultUpstream: UpstreamId | null;
  /** In the table while the default backend has somebody to answer. */
  readonly #defaultRoute: Route;
  #table: RouteTable = emptyTable;
  #classesChanged = false;

  constructor(options: TranslateOptions) {
    this.#options = options;
    const index = indexAnnotations(options.features, options.annotationPrefixes);
    this.#defaultUpstream = defaultUpstreamOf(options);
    this.#defaultRoute = defaultRouteOf(options, this.#defaultUpstream);
    this.#settings = new ClassSettings(indexSettings(options.features), options.configMap);
    this.#plans = new IngressPlans(options, index, this.#settings);
    this.#upstreams = new UpstreamUnits(
      this.#defaultUpstream,
      options.allowLoopbackEndpoints,
      options.ownListeners,
      options.disableExternalName,
      options.place ?? nowhere,
    );
    this.#streams = new StreamUnits(options);
    this.#certificates = new CertificateUnits(options.defaultCertificate);
    this.#challenges = new ChallengeUnits(options.challengeSecret);
    const units = {
      features: options.features,
      hostNames: index.hostNames,
      passesTls: options.passesTls,
      unmatched: this.#defaultRoute.backend,
      plans: this.#plans,
      upstreams: this.#upstreams,
      certificates: this.#certificates,
    };
    this.#hosts = new HostUnits(units);
    this.#tryOutParts = {
      ...units,
      options,
      settings: this.#settings,
      hosts: this.#hosts,
      clientTls: this.#clientTls,
      authorities: this.#authorities,
      credentials: this.#credentials,
    };
  }

  /** The present table. Version 0, empty, before the first step. */
  get table(): RouteTable {
    return this.#table;
  }

  /** Applies changes in order, as one step: what is between the first and the last is never seen. `nowMs`: since the epoch, for expiry. */
  /** Where the proxy runs; from the next step on. */
  setPlace(place: ProxyPlace): void {
    this.#upstreams.setPlace(place);
  }

  apply(changes: readonly ObjectChange[], nowMs: number): TranslateStep {
    for (const change of changes) {
      if (change.kind === 'set') this.#set(change.object);
      else this.#remove(change.ref);
    }
    const settings = this.#settings.update(this.#book);
    if (settings.all) this.#plans.replanAll();
    for (const name of settings.classes) this.#plans.replanClass(name);
    const draft = new TableDraft(this.#table);
    const concerned = new Set<ObjectKey>();
    for (const change of this.#plans.update()) {
      this.#applyPlanChange(change);
      concerned.add(change.key);
    }
    const certificates = this.#certificates.update(nowMs);
    for (const key of certificates.forProblems) concerned.add(key);
    for (const key of certificates.forHosts) {
      const plan = this.#plans.planOf(key);
      if (plan !== null) this.#hosts.markTlsHosts(plan);
    }
    this.#hosts.update(draft, this.#book);
    this.#streams.update(draft, this.#upstreams);
    for (const key of this.#upstreams.update(draft, this.#book)) concerned.add(key);
    this.#book.put('streams', this.#streams.problems(this.#upstreams));
    this.#certificates.commit(draft);
    for (const key of this.#clientTls.update(draft)) concerned.add(key);
    this.#challenges.commit(draft);
    for (const key of this.#authorities.update(draft)) concerned.add(key);
    for (const key of this.#credentials.update(draft)) concerned.add(key);
    for (const key of concerned) this.#book.put(`ingress ${key}`, this.#problemsOfIngress(key));
    this.#checkController();
    const { defaultCertificate } = this.#options;
    const isUsable = defaultCertificate !== null && this.#certificates.lookup(defaultCertificate) !== null;
    const { controllerValues } = this.#settings;
    const mapped = this.#fieldMaps.read(controllerValues);
    this.#book.put('fields of settings', mapped.problems);
    const next = draft.finish(
      this.#fallback(),
      isUsable ? defaultCertificate : null,
      readTlsSettings(controllerValues),
      readArrivalSettings(controllerValues),
      readTrafficSettings(controllerValues, mapped),
    );
    if (next !== null) this.#table = next.table;
    return { patch: next?.patch ?? null, problemsChanged: this.#book.takeChanged() };
  }

  /** Sorted. Empty for an object without problems, and for one that is not known. */
  problemsOf(ref: ObjectRef): readonly Problem[] {
    return this.#book.of(ref);
  }

  /** Of all objects, sorted by object, field and code. */
  allProblems(): readonly Problem[] {
    return this.#book.all();
  }

  /** Whether an Ingress is served, and why; undefined for one that is not known. */
  ingressStatus(key: ObjectKey): Ownership | undefined {
    return this.#plans.ownershipOf(key);
  }

  /**
   * What would become of a change of one Ingress: read off the present state, which stays as it is, with everything that is
   * remembered.
   */
  tryOut(change: IngressChange, nowMs: number): TryOut {
    return tryOutChange(change, nowMs, this.#tryOutParts);
  }

  #set(object: KubeObject): void {
    const key = objectKey(textOf(object.metadata.namespace), object.metadata.name);
    switch (object.kind) {
      case 'Ingress':
        return this.#plans.set(object);
      case 'IngressClass':
        return this.#setClass(object);
      case 'Service':
        return this.#upstreams.setService(key, object);
      case 'EndpointSlice':
        return this.#upstreams.setSlice(key, object);
      case 'Endpoints':
        return this.#upstreams.setEndpoints(key, object);
      case 'Secret':
        this.#clientTls.setSecret(key, object);
        this.#challenges.setSecret(key, object);
        this.#authorities.setSecret(key, object);
        this.#credentials.setSecret(key, object);
        return this.#certificates.setSecret(key, object);
      case 'ConfigMap':
        this.#streams.setConfigMap(key, object);
        this.#fieldMaps.set(key, object);
        this.#plans.setConfigMap(key, object);
        return this.#settings.setConfigMap(key, object);
      case 'SallyportParameters':
        return this.#settings.setParameters(object);
      case 'Namespace':
        return undefined;
    }
  }

  #setClass(ingressClass: IngressClass): void {
    this.#classesChanged = true;
    this.#plans.setClass(ingressClass);
    if (isOurClass(ingressClass, this.#options)) this.#settings.setClass(ingressClass);
    else this.#settings.removeClass(ingressClass.metadata.name);
  }

  #remove(ref: ObjectRef): void {
    const key = objectKey(ref.namespace ?? '', ref.name);
    switch (ref.kind) {
      case 'Ingress':
        return this.#plans.remove(key);
      case 'IngressClass':
        this.#classesChanged = true;
        this.#settings.removeClass(ref.name);
        return this.#plans.removeClass(ref.name);
      case 'ConfigMap':
        this.#streams.setConfigMap(key, null);
        this.#fieldMaps.set(key, null);
        this.#plans.setConfigMap(key, null);
        return this.#settings.removeConfigMap(key);
      case 'SallyportParameters':
        return this.#settings.removeParameters(ref.name);
      case 'Service':
        return this.#upstreams.setService(key, null);
      case 'EndpointSlice':
        return this.#upstreams.removeSlice(key);
      case 'Endpoints':
        return this.#upstreams.setEndpoints(key, null);
      case 'Secret':
        this.#clientTls.removeSecret(key);
        this.#challenges.setSecret(key, null);
        this.#authorities.removeSecret(key);
        this.#credentials.removeSecret(key);
        return this.#certificates.removeSecret(key);
      default:
        return undefined;
    }
  }

  /**
   * The controller's default backend; the plain 404 where there is none, and while its Service, its port or an endpoint is
   * missing, as ingress-nginx does.
   */
  #fallback(): Route {
    const upstream = this.#defaultUpstream;
    const issue = upstream === null ? null : this.#upstreams.issueOf(upstream);
    const isServed = upstream !== null && (issue === null || issue.severity === 'info');
    return isServed ? this.#defaultRoute : notFoundRoute;
  }

  #applyPlanChange(change: PlanChange): void {
    const { key, before, after } = change;
    this.#hosts.applyPlanChange(change);
    if (before === after) return;
    for (const { upstream } of before?.backends ?? []) this.#upstreams.removeUser(upstream, key);
    for (const upstream of before?.furtherUpstreams ?? []) this.#upstreams.stopAsking(upstream, key);
    for (const { secret } of before?.secrets ?? []) this.#certificates.removeUser(secret, key);
    for (const { secret } of before?.clientSecrets ?? []) this.#clientTls.removeUser(secret, key);
    for (const { secret } of before?.authoritySecrets ?? []) this.#authorities.removeUser(secret, key);
    for (const { id } of before?.credentials ?? []) this.#credentials.removeUser(id, key);
    for (const { upstream } of after?.backends ?? []) this.#upstreams.addUser(upstream, key);
    for (const upstream of after?.furtherUpstreams ?? []) this.#upstreams.ask(upstream, key);
    for (const { secret } of after?.secrets ?? []) this.#certificates.addUser(secret, key);
    for (const { secret } of after?.clientSecrets ?? []) this.#clientTls.addUser(secret, key);
    for (const { secret } of after?.authoritySecrets ?? []) this.#authorities.addUser(secret, key);
    for (const { id } of after?.credentials ?? []) this.#credentials.addUser(id, key);
  }

  /** Of the object by itself, and of the Services and Secrets that it names. What it lost to others is told by the hosts. */
  #problemsOfIngress(key: ObjectKey): readonly Problem[] {
    const plan = this.#plans.planOf(key);
    const own = this.#plans.problemsOf(key);
    if (plan === null) return own;
    const ofReferences = findReferenceProblems(plan, this.#plans.classNameOf(key), {
      settings: this.#settings,
      issueOf: (id) => this.#upstreams.issueOf(id),
      issuesOf: (id) => this.#certificates.issuesOf(id),
      clientIssuesOf: (id) => this.#clientTls.issuesOf(id),
      authorityIssuesOf: (id) => this.#authorities.issuesOf(id),
      credentialIssuesOf: (id) => this.#credentials.issuesOf(id),
    });
    return [...own, ...ofReferences];
  }

  /** What is wrong with the controller's own choices, told by the objects that it was told to use. */
  #checkController(): void {
    const { defaultBackendService, defaultCertificate } = this.#options;
    if (this.#classesChanged) {
      this.#book.put('classes', checkDefaultClasses(this.#plans.classes, this.#options));
      this.#classesChanged = false;
    }
    if (this.#defaultUpstream !== null && defaultBackendService !== null) {
      const { namespace, name } = defaultBackendService;
      const issue = this.#upstreams.issueOf(this.#defaultUpstream);
      const object: ObjectRef = { kind: 'Service', namespace, name };
      this.#book.put('default backend', issue === null ? [] : [defaultBackendProblem(issue, object)]);
    }
    if (defaultCertificate !== null) {
      const object: ObjectRef = { kind: 'Secret', ...splitObjectKey(defaultCertificate) };
      const issues = this.#certificates.issuesOf(defaultCertificate);
      this.#book.put(
        'default certificate',
        issues.map((issue) => problemOf(issue, object)),
      );
    }
  }
}

/** From scratch. For goldens and checks: one object more or less is one call more. */
export function translate(
  objects: readonly KubeObject[],
  options: TranslateOptions,
  nowMs: number,
): { readonly table: RouteTable; readonly problems: readonly Problem[] } {
  const translator = new Translator(options);
  translator.apply(
    objects.map((object) => ({ kind: 'set', object })),
    nowMs,
  );
  return { table: translator.table, problems: translator.allProblems() };
}

function problemOf(issue: Pick<Problem, 'code' | 'severity' | 'message'>, object: ObjectRef): Problem {
  const { code, severity, message } = issue;
  return { code, severity, object, field: '', message };
}

function defaultBackendProblem(issue: UpstreamIssue, object: ObjectRef): Problem {
  return problemOf(
    { ...issue, message: `${issue.message}; requests that no rule takes get a plain 404` },
    object,
  );
}

function defaultUpstreamOf({ defaultBackendService }: TranslateOptions): UpstreamId | null {
  if (defaultBackendService === null) return null;
  const { namespace, name, port } = defaultBackendService;
  return upstreamId(namespace, name, port ?? '');
}

/** The plain 404, or that of the Service that answers in its stead. */
function defaultRouteOf({ defaultBackendService }: TranslateOptions, upstream: UpstreamId | null): Route {
  if (defaultBackendService === null || upstream === null) return notFoundRoute;
  const { namespace, name, port } = defaultBackendService;
  return {
    ...notFoundRoute,
    backend: { kind: 'upstream', upstream },
    labels: { ...notFoundRoute.labels, namespace, service: name, servicePort: port ?? '' },
  };
}
