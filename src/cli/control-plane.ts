// ControlPlane: the controller put together, the same for `up` and `controller`: objects from an API server → Controller →
// published patches; and what is written back: status, Events, the Lease that says which replica writes.
import type { ElectionSettings, StatusSettings, TranslateSettings, WatchScope } from '../config/index.ts';
import {
  AcmeAgent,
  type AcmeOptions,
  type AddressSource,
  challengeSecretOf,
  Controller,
  type ControllerStep,
  EventRecorder,
  type EventCounts,
  EventWriter,
  fixedAddresses,
  LeaderElector,
  type Locate,
  NodeAddresses,
  type PodIdentity,
  ReplicaCount,
  serviceAddresses,
  type StatusCounts,
  StatusWriter,
} from '../controller/index.ts';
import type { ObjectKey, RouteTable, TablePatch } from '../model/index.ts';
import type { Logger } from '../observe/logger.ts';
import { type ApiClient, type FileFailure, NodeZone, type ObjectChange } from '../sources/index.ts';
import { type OwnListener, Translator } from '../translate/index.ts';
import { type ClusterSource, createClusterSource } from './cluster-source.ts';
import type { ApiContact } from './control-plane-metrics.ts';
import { translateOptions } from './translate-options.ts';

/** Certificates expire without any object changing. */
const refreshMs = 3_600_000;

export interface ControlPlaneOptions {
  readonly client: ApiClient;
  /** Which namespaces are read. */
  readonly scope: WatchScope;
  readonly translate: TranslateSettings;
  /** Addresses of this program's listeners, which are never endpoints. */
  readonly ownListeners: readonly OwnListener[];
  readonly allowLoopbackEndpoints: boolean;
  readonly status: StatusSettings;
  /** Where the status says nothing else, and for one machine; null: of the nodes of our pods. */
  /** Null: certificates are not ordered, and no challenges are answered. */
  readonly acme: AcmeOptions | null;
  readonly ownAddresses: (() => readonly string[]) | null;
  /** Null: this process is alone and always leads. */
  readonly election: (ElectionSettings & { readonly namespace: string }) | null;
  /** Different for each replica. */
  readonly identity: string;
  /** The pod that this process runs in, if it does. */
  readonly pod: PodIdentity | null;
  /** Asks for the Node that this process runs on, if its name is known and its zone is not. */
  readonly readsNode: boolean;
  /** Service of the replicas, and who is told how many are ready; null: nobody asks. */
  readonly replicas: { readonly service: ObjectKey; readonly onCount: (count: number) => void } | null;
  readonly publish: (patch: TablePatch) => void;
  readonly locate: Locate;
  readonly logger: Logger;
}

/** For metrics. */
export interface ControlPlaneCounts {
  readonly isLeading: boolean;
  readonly events: EventCounts;
  readonly status: StatusCounts;
}

export class ControlPlane {
  readonly controller: Controller;
  readonly #options: ControlPlaneOptions;
  readonly #source: ClusterSource;
  readonly #elector: LeaderElector | null;
  readonly #status: StatusWriter | null;
  readonly #recorder: EventRecorder;
  readonly #events: EventWriter;
  readonly #acme: AcmeAgent | null;
  readonly #replicas: ReplicaCount | null;
  /** Null: the zone is known, or there is no node to ask for. */
  readonly #nodeZone: NodeZone | null;
  #place: TranslateSettings['place'];
  #refreshTimer: NodeJS.Timeout | null = null;
  #receivedMs = 0;
  #isLoaded = false;
  #isWriting = false;
  #isLeaving = false;
  #sourceFailures: readonly FileFailure[] = [];
  #otherFailures: readonly FileFailure[] = [];

  constructor(options: ControlPlaneOptions) {
    this.#options = options;
    this.#place = options.translate.place;
    this.#nodeZone = this.#createNodeZone();
    const { client, identity, logger: log } = options;
    this.controller = this.#createController();
    this.#replicas = options.replicas === null ? null : new ReplicaCount(options.replicas.service);
    this.#elector = this.#createElector();
    const isLeading = (): boolean => this.isLeading();
    this.#recorder = new EventRecorder({ client, identity, log, isLeading });
    this.#events = new EventWriter({
      view: this.controller,
      recorder: this.#recorder,
      annotationPrefixes: [
        `${options.translate.annotationsPrefix}/`,
        'sallyport.dev/',
        'kubernetes.io/ingress.class',
      ],
    });
    const { status } = options;
    this.#status = status.isOn
      ? new StatusWriter({
          client,
          log,
          isLeading,
          view: this.controller,
          addresses: this.#createAddresses(),
          intervalMs: status.intervalMs,
        })
      : null;
    this.#acme = this.#createAcme();
    this.#source = createClusterSource({
      client,
      scope: options.scope,
      translate: options.translate,
      status,
      challengeSecret: this.#challengeSecret(),
      replicas: options.replicas?.service ?? null,
      logger: log,
      onChanges: (changes, failures) => {
        this.#sourceFailures = failures;
        this.#take(changes);
      },
    });
  }

  /** Resolves when the first complete table has been published. */
  async start(): Promise<void> {
    this.#nodeZone?.start();
    await this.#source.start();
    this.#isLoaded = true;
    this.#refreshTimer = setInterval(() => this.controller.refresh(), refreshMs).unref();
  }

  /** What is wrong with objects that never reached the API server: all of it, each time it changes. */
  tellFailures(failures: readonly FileFailure[]): void {
    this.#otherFailures = failures;
    if (this.#isLoaded) this.#take([]);
  }

  /** Every worker serves by this version of the table. */
  onServed(version: number): void {
    this.#events.onServed(version);
    this.#acme?.onServed(version);
    this.#beginToWrite();
  }

  /** Whether this replica may write. */
  isLeading(): boolean {
    return this.#isWriting && (this.#elector?.isLeading() ?? true);
  }

  /** What is served now; null before the first load. */
  table(): RouteTable | null {
    return this.translator()?.table ?? null;
  }

  /** The translator in force, for what-if questions; null before the first load. */
  translator(): Translator | null {
    const { translator } = this.controller;
    return this.#isLoaded && translator instanceof Translator ? translator : null;
  }

  /** Whether the Ingresses of a namespace are read. */
  reads(namespace: string): boolean {
    return this.#source.reads(namespace);
  }

  /** How the API server gets on. */
  contact(): ApiContact {
    return this.#source.contact();
  }

  counts(): ControlPlaneCounts {
    return {
      isLeading: this.isLeading(),
      events: this.#recorder.counts(),
      status: this.#status?.counts() ?? { written: 0, failed: 0, waiting: 0 },
    };
  }

  /**
   * Nothing is written after this, and another may lead; changes are followed on, for the requests that still come. `clearsStatus`: takes
   * our addresses out of the status first, if we lead.
   */
  async leave(clearsStatus: boolean): Promise<void> {
    this.#isLeaving = true;
    this.#acme?.stop();
    await this.#recorder.stop();
    await this.#status?.stop(clearsStatus);
    await this.#elector?.stop();
  }

  /** After `leave`: nothing is published any more. */
  async stop(): Promise<void> {
    if (this.#refreshTimer !== null) clearInterval(this.#refreshTimer);
    this.#events.stop();
    await this.#source.stop();
    await this.#nodeZone?.stop();
  }

  #createNodeZone(): NodeZone | null {
    const { client, logger: log, readsNode, translate } = this.#options;
    const { node, zone } = translate.place;
    if (!readsNode || node === '' || zone !== '') return null;
    return new NodeZone({ client, node, log, onZone: (found) => this.#setPlace({ node, zone: found }) });
  }

  #setPlace(place: TranslateSettings['place']): void {
    this.#place = place;
    const { translator } = this.controller;
    if (translator instanceof Translator) translator.setPlace(place);
    if (this.#isLoaded) this.controller.refresh();
  }

  #take(changes: readonly ObjectChange[]): void {
    this.#receivedMs = performance.now();
    this.controller.take(changes, [...this.#sourceFailures, ...this.#otherFailures]);
  }

  #createController(): Controller {
    const { translate, ownListeners, allowLoopbackEndpoints, publish, logger, locate } = this.#options;
    return new Controller({
      createTranslator: () =>
        new Translator({
          ...translateOptions({ ...translate, place: this.#place }, ownListeners, allowLoopbackEndpoints),
          challengeSecret: this.#challengeSecret(),
        }),
      publish,
      log: logger,
      locate,
      nowMs: Date.now,
      onStep: (step) => this.#onStep(step),
    });
  }

  #onStep(step: ControllerStep): void {
    if (this.#replicas !== null) {
      this.#replicas.take(step.changes);
      this.#options.replicas?.onCount(this.#replicas.current);
    }
    this.#events.onStep(step, this.#receivedMs);
    this.#status?.onStep(step);
    this.#acme?.onStep(step);
  }

  /** Once: a replica that serves nothing yet has nothing to say, and its writes would delay it. */
  #beginToWrite(): void {
    if (this.#isWriting || this.#isLeaving) return;
    this.#isWriting = true;
    if (this.#elector === null) this.#onStartedLeading();
    else this.#elector.start();
  }

  #onStartedLeading(): void {
    this.#status?.start();
    this.#events.onStartedLeading();
    this.#acme?.onStartedLeading();
  }

  #createElector(): LeaderElector | null {
    const { election, client, identity, logger: log } = this.#options;
    if (election === null || !election.isOn) return null;
    const { namespace, leaseName: name, leaseMs, renewDeadlineMs, retryMs } = election;
    return new LeaderElector({
      client,
      namespace,
      name,
      identity,
      leaseMs,
      renewDeadlineMs,
      retryMs,
      log,
      onStartedLeading: () => this.#onStartedLeading(),
    });
  }

  #challengeSecret(): ObjectKey | null {
    const { acme } = this.#options;
    return acme === null ? null : challengeSecretOf(acme.namespace);
  }

  #createAcme(): AcmeAgent | null {
    const { acme, client, logger: log } = this.#options;
    if (acme === null) return null;
    return new AcmeAgent({
      ...acme,
      client,
      log,
      view: this.controller,
      table: () => this.table(),
      isLeading: () => this.isLeading(),
      record: (target, text) => this.#recorder.record(target, text),
    });
  }

  #createAddresses(): AddressSource {
    const { status, client, pod, ownAddresses } = this.#options;
    const { publishAddresses, publishService, reportsNodeInternalIp } = status;
    if (publishAddresses.length > 0) return fixedAddresses(() => publishAddresses);
    if (publishService !== null) return serviceAddresses(publishService, this.controller);
    if (ownAddresses !== null || pod === null) return fixedAddresses(ownAddresses ?? (() => []));
    return new NodeAddresses(client, pod, reportsNodeInternalIp);
  }
}
