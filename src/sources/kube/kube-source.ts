// KubeSource: objects from an API server, kept up to date. The first delivery is complete and one change; after that changes
// within a few milliseconds are one. While the server is away everything stays as it is known.
import { type KubeObject, parseLabelSelector, renderLabelSelector } from '../../kube/index.ts';
import type { ObjectKey } from '../../model/index.ts';
import type { FileFailure, ObjectChange } from '../object-change.ts';
import { QuietBatch } from '../quiet-batch.ts';
import type { ApiClient } from './api-client.ts';
import { Mirror, type MirrorParts } from './mirror.ts';
import { NamedObjects } from './named-objects.ts';
import { ObjectIntake } from './object-intake.ts';
import { NamespaceScope } from './namespace-scope.ts';
import { type ParametersChange, parametersChanges } from './parameters-change.ts';
import { ContactLog, type SourceLog } from './source-log.ts';
import { type ResourceMetrics, sumMetrics } from './source-metrics.ts';
import { systemTiming, type Timing } from './timing.ts';
import { ingressClasses, parameters } from './watched-resources.ts';

/** Which namespaces are read. Nothing outside is, but for objects that are named. */
export type WatchScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'namespace'; readonly name: string }
  /** Namespaces whose labels match, e.g. `team=shop`. */
  | { readonly kind: 'selector'; readonly selector: string };

export interface KubeSourceOptions {
  readonly client: ApiClient;
  readonly log: SourceLog;
  readonly scope: WatchScope;
  /** Each object once, in no order; `failures`: all that is wrong now. Called only when either changed, and once at first. */
  readonly onChanges: (changes: readonly ObjectChange[], failures: readonly FileFailure[]) => void;
  /** SallyportParameters as plain values, for whoever does not take them from `onChanges`, where they are too; told just before. */
  readonly onParameters?: (changes: readonly ParametersChange[]) => void;
  /** Of the IngressClasses whose parameters are read; absent: of all. */
  readonly controllerName?: string;
  /** Objects that are read wherever they are, such as the controller's ConfigMap and the default certificate. */
  readonly named?: Partial<Readonly<Record<'configMaps' | 'secrets' | 'services', readonly ObjectKey[]>>>;
  /** `named`: Secrets are read by name although they may be listed. */
  readonly secretReads?: 'listed' | 'named';
  readonly timing?: Timing;
}

const quietMs = 5;
/** A change that somebody waits for must not wait long because others change without a pause. */
const holdMs = 20;
/** For single objects, once all lists are there. */
const patienceMs = 10_000;

export class KubeSource {
  readonly #options: KubeSourceOptions;
  readonly #contact: ContactLog;
  readonly #intake: ObjectIntake;
  readonly #cluster: readonly Mirror[];
  readonly #parameters: Mirror;
  readonly #scope: NamespaceScope;
  readonly #named: NamedObjects;
  readonly #batch: QuietBatch<'change'>;
  readonly #delivered = Promise.withResolvers<void>();
  readonly #warned = new Set<string>();
  /** Ends the wait before the first delivery. */
  readonly #waiting = new AbortController();
  #isStopped = false;
  #patience: Promise<void> | null = null;
  #hasDelivered = false;

  /** @throws {Error} when the selector cannot be parsed. */
  constructor(options: KubeSourceOptions) {
    const { client, log, timing = systemTiming, controllerName = null, named = {} } = options;
    this.#options = options;
    this.#contact = new ContactLog(log, timing.nowMs);
    this.#intake = new ObjectIntake((change) => this.#noteChange(change));
    const parts: MirrorParts = {
      client,
      timing,
      objects: this.#intake,
      contact: this.#contact,
      onProgress: (of) => this.#progress(of),
    };
    this.#parameters = new Mirror(parts, { resource: parameters, namespace: null, isOptional: true });
    this.#cluster = [
      new Mirror(parts, {
        resource: ingressClasses,
        namespace: null,
        isOptional: true,
        onRefused: (_status, reason) => this.#warnOnce({ reason }, noClassesMessage),
      }),
      this.#parameters,
    ];
    this.#scope = new NamespaceScope({
      parts,
      only: options.scope.kind === 'namespace' ? options.scope.name : null,
      selector: options.scope.kind === 'selector' ? canonicalSelector(options.scope.selector) : null,
      listsSecrets: options.secretReads !== 'named',
      log,
      onSecretsRefused: (namespace, reason) => this.#warnOnce({ namespace, reason }, namedSecretsMessage),
    });
    this.#named = new NamedObjects({ parts, log, scope: this.#scope, controllerName, always: named });
    this.#batch = new QuietBatch({ quietMs, holdMs, onBatch: () => this.#deliver() });
  }

  /** Resolves once everything that is there now was delivered, as one change; waits as long as the server is away. */
  async start(): Promise<void> {
    for (const mirror of this.#cluster) mirror.start();
    this.#scope.start();
    await this.#delivered.promise;
  }

  /** Nothing is delivered after this. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#waiting.abort();
    this.#contact.stop();
    this.#batch.stop();
    await Promise.all([
      ...this.#cluster.map((mirror) => mirror.stop()),
      this.#scope.stop(),
      this.#named.stop(),
      this.#patience,
    ]);
    this.#delivered.resolve();
  }

  /** Resolves with the first delivery, or the stop. */
  waitForSync(): Promise<void> {
    return this.#delivered.promise;
  }

  /** False before the first delivery, and while what is known may be out of date. */
  isHealthy(): boolean {
    return this.#hasDelivered && this.metrics().every(({ isStale }) => !isStale);
  }

  /** From now on exactly these Secrets are read by name where they cannot be listed, instead of those that Ingresses name for TLS. */
  wantSecrets(keys: Iterable<ObjectKey>): void {
    this.#named.want('secrets', new Set(keys));
    this.#progress('object');
  }

  /** From now on exactly these ConfigMaps are read, instead of those that IngressClasses name; always those of the options. */
  wantConfigMaps(keys: Iterable<ObjectKey>): void {
    this.#named.want('configMaps', new Set(keys));
    this.#progress('object');
  }

  /** Whether the Ingresses of a namespace are read. */
  reads(namespace: string): boolean {
    return this.#scope.groupOf(namespace) !== null;
  }

  /** One row per resource. */
  metrics(): readonly ResourceMetrics[] {
    return sumMetrics([...this.#cluster, ...this.#scope.mirrors(), ...this.#named.mirrors()]);
  }

  #noteChange(change: ObjectChange | null): void {
    if (change !== null) this.#named.takeChange(change);
    // Whoever names parameters has just made them known to the server, if they were not.
    if (change?.kind === 'set' && isNamingParameters(change.object)) this.#parameters.poke();
    if (this.#hasDelivered && !this.#isStopped) this.#batch.add('change');
  }

  /** What is to be read by name may be another now, and the first delivery due. */
  #progress(of: 'list' | 'object'): void {
    if (this.#isStopped) return;
    if (of === 'list') this.#named.markDirty();
    if (this.#hasDelivered) {
      this.#named.update();
      return;
    }
    // The names are complete only then, and a Secret that a list brings need not be read by name.
    if (!this.#cluster.every(({ isSettled }) => isSettled) || !this.#scope.isSettled) return;
    this.#named.update();
    if (this.#named.isSettled) this.#deliverFirst();
    else this.#patience ??= this.#waitForNames();
  }

  /** One object that cannot be read must not keep all others from being served. */
  async #waitForNames(): Promise<void> {
    const { timing = systemTiming } = this.#options;
    await timing.wait(patienceMs, this.#waiting.signal);
    if (!this.#hasDelivered && !this.#isStopped) this.#deliverFirst();
  }

  #deliverFirst(): void {
    this.#hasDelivered = true;
    this.#deliver();
    this.#delivered.resolve();
    this.#waiting.abort();
  }

  #deliver(): void {
    if (this.#isStopped) return;
    this.#named.update();
    const { changes, failures } = this.#intake.take();
    const { onParameters, onChanges } = this.#options;
    const parametersChanged = onParameters === undefined ? [] : parametersChanges(changes);
    if (parametersChanged.length > 0) onParameters?.(parametersChanged);
    onChanges(changes, failures);
  }

  /** Each text once: a refusal is repeated every minute. */
  #warnOnce(fields: { readonly namespace?: string | null; readonly reason: string }, message: string): void {
    const id = `${fields.namespace ?? ''} ${message}`;
    if (this.#warned.has(id)) return;
    this.#warned.add(id);
    this.#options.log.warn(fields, message);
  }
}

function isNamingParameters(object: KubeObject): boolean {
  return object.kind === 'IngressClass' && object.spec.parameters?.kind === parameters.kind;
}

const noClassesMessage =
  'IngressClasses may not be read; Ingresses count by the annotation kubernetes.io/ingress.class only';
const namedSecretsMessage = 'Secrets may not be listed; those that are referred to are read by name';

function canonicalSelector(text: string): string {
  const result = parseLabelSelector(text);
  if (result.kind === 'invalid')
    throw new Error(`namespace selector ${JSON.stringify(text)}: ${result.message}`);
  return renderLabelSelector(result.selector);
}
