// ClusterControl: the half of `sallyport controller` that makes the routing table: the objects of a cluster → Controller; status,
// Events and the Lease back to the cluster, and the admission webhook beside.
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { ControllerConfig } from '../config/index.ts';
import { type Controller, hasOtherReplicas, type PodIdentity, WebhookServer } from '../controller/index.ts';
import type { RouteTable, TablePatch } from '../model/index.ts';
import type { Logger } from '../observe/logger.ts';
import type { MetricsSnapshot } from '../observe/metrics-snapshot.ts';
import { type ClusterConnection, KubeHttpClient } from '../sources/index.ts';
import { readAcmeOptions } from './acme-options.ts';
import { ControlPlane } from './control-plane.ts';
import { snapshotControlPlane } from './control-plane-metrics.ts';
import type { ControlSide } from './control-side.ts';
import { machineAddresses, ownListenersOf } from './own-listeners.ts';
import { readVersion } from './version.ts';

/** How long to wait, at shutdown, for an answer to whether other replicas run. */
const replicaCheckMs = 5_000;

export interface ClusterControlOptions {
  readonly config: ControllerConfig;
  readonly connection: ClusterConnection;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  readonly publish: (patch: TablePatch) => void;
  readonly shareLimits: (share: number) => void;
}

export class ClusterControl implements ControlSide {
  readonly #config: ControllerConfig;
  readonly #client: KubeHttpClient;
  readonly #plane: ControlPlane;
  readonly #pod: PodIdentity | null;
  readonly #webhook: WebhookServer | null;

  constructor({ config, connection, env, logger, publish, shareLimits }: ClusterControlOptions) {
    this.#config = config;
    for (const warning of connection.warnings) logger.warn({}, warning);
    this.#client = new KubeHttpClient({
      connection,
      userAgent: `sallyport-controller/${readVersion()}`,
      onWarning: (text) => logger.warn({}, `the API server warns: ${text}`),
    });
    this.#pod = podOf(env);
    const { election, webhook } = config;
    const ownNamespace = podNamespaceOf(env) ?? connection.namespace;
    this.#plane = new ControlPlane({
      client: this.#client,
      scope: config.scope,
      translate: config.translate,
      ownListeners: ownListenersOf(
        config,
        machineAddresses(),
        config.webhook === null ? [] : [{ ...config.webhook, purpose: 'admin' }],
      ),
      allowLoopbackEndpoints: false,
      status: config.status,
      acme: readAcmeOptions(config.acme, ownNamespace, true),
      ownAddresses: null,
      election: {
        ...election,
        namespace: election.namespace ?? ownNamespace,
      },
      identity: `${this.#pod?.name ?? hostname()}_${randomBytes(4).toString('hex')}`,
      pod: this.#pod,
      replicas: config.limitsShare === null ? null : { service: config.limitsShare, onCount: shareLimits },
      readsNode: true,
      publish,
      locate: () => null,
      logger,
    });
    this.#webhook =
      webhook === null
        ? null
        : new WebhookServer({
            ...webhook,
            log: logger,
            translator: () => this.#plane.translator(),
            isWatched: (namespace) => this.#plane.reads(namespace),
            nowMs: Date.now,
          });
  }

  get controller(): Controller {
    return this.#plane.controller;
  }

  /** Waits as long as the API server is away. The webhook answers 503 until then. */
  async start(): Promise<void> {
    await this.#webhook?.start();
    await this.#plane.start();
  }

  table(): RouteTable | null {
    return this.#plane.table();
  }

  onServed(version: number): void {
    this.#plane.onServed(version);
  }

  metrics(): readonly MetricsSnapshot[] {
    return [
      snapshotControlPlane(
        this.#plane.counts(),
        this.#plane.contact(),
        this.#webhook?.counts() ?? null,
        this.#config.election.isOn ? this.#config.election.leaseName : '',
      ),
    ];
  }

  /** The status goes with the last replica, if it is asked to. */
  async leave(): Promise<void> {
    const { clearsOnShutdown, isOn } = this.#config.status;
    const isLast = isOn && clearsOnShutdown && this.#plane.isLeading() && !(await this.#hasOthers());
    await this.#plane.leave(isLast);
    await this.#webhook?.stop();
  }

  async stop(): Promise<void> {
    await this.#plane.stop();
  }

  /** Outside of a pod nobody knows of others: the status goes. */
  async #hasOthers(): Promise<boolean> {
    if (this.#pod === null) return false;
    try {
      const timeout = new Promise<boolean>((resolve) => {
        setTimeout(() => resolve(true), replicaCheckMs).unref();
      });
      return await Promise.race([hasOtherReplicas(this.#client, this.#pod), timeout]);
    } catch {
      return true; // Not known: an address too many harms less than one too few.
    }
  }
}

/** Null: the environment names none. */
function podNamespaceOf(env: Readonly<Record<string, string | undefined>>): string | null {
  const { POD_NAMESPACE: namespace = '' } = env;
  return namespace === '' ? null : namespace;
}

/** From the downward API. */
function podOf(env: Readonly<Record<string, string | undefined>>): PodIdentity | null {
  const { POD_NAME: name = '', POD_NAMESPACE: namespace = '' } = env;
  return name === '' || namespace === '' ? null : { name, namespace };
}
