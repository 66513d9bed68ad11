// ClusterController: the parts of `sallyport controller` put together: the objects of a cluster → routing table → workers; status,
// Events and the Lease back to the cluster; the admin listener and the admission webhook beside.
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { ControllerConfig } from '../config/index.ts';
import { hasOtherReplicas, type PodIdentity, WebhookServer } from '../controller/index.ts';
import type { AdminServer } from '../observe/admin-server.ts';
import type { Logger } from '../observe/logger.ts';
import { Supervisor } from '../proxy/supervisor.ts';
import { type ClusterConnection, KubeHttpClient } from '../sources/index.ts';
import { startAdmin } from './admin.ts';
import { ControlPlane } from './control-plane.ts';
import { snapshotControlPlane } from './control-plane-metrics.ts';
import { provideDefaultCertificate } from './default-certificate.ts';
import { machineAddresses, ownListenersOf } from './own-listeners.ts';
import { readVersion } from './version.ts';

/** Between two tries to find out whether other replicas run, at shutdown. */
const replicaCheckMs = 5_000;

export class ClusterController {
  readonly #config: ControllerConfig;
  readonly #logger: Logger;
  readonly #client: KubeHttpClient;
  readonly #plane: ControlPlane;
  readonly #supervisor: Supervisor;
  readonly #pod: PodIdentity | null;
  readonly #webhook: WebhookServer | null;
  #admin: AdminServer | null = null;
  #isLoaded = false;
  #isStopping = false;

  constructor(
    config: ControllerConfig,
    connection: ClusterConnection,
    env: Readonly<Record<string, string | undefined>>,
    logger: Logger,
  ) {
    this.#config = config;
    this.#logger = logger;
    for (const warning of connection.warnings) logger.warn({}, warning);
    this.#client = new KubeHttpClient({
      connection,
      userAgent: `sallyport-controller/${readVersion()}`,
      onWarning: (text) => logger.warn({}, `the API server warns: ${text}`),
    });
    this.#pod = podOf(env);
    const { certificate, warning } = provideDefaultCertificate(config.dataDir, new Date());
    if (warning !== null) logger.warn({}, warning);
    this.#supervisor = new Supervisor({
      settings: config.proxy,
      logger,
      defaultCertificate: certificate,
      logLevel: config.log.level,
      logFormat: config.log.format,
      onServed: (version) => this.#plane.onServed(version),
    });
    const { election } = config;
    this.#plane = new ControlPlane({
      client: this.#client,
      scope: config.scope,
      translate: config.translate,
      ownListeners: ownListenersOf(config, machineAddresses()),
      allowLoopbackEndpoints: false,
      status: config.status,
      ownAddresses: null,
      election: {
        ...election,
        namespace: election.namespace ?? this.#pod?.namespace ?? connection.namespace,
      },
      identity: `${this.#pod?.name ?? hostname()}_${randomBytes(4).toString('hex')}`,
      pod: this.#pod,
      publish: (patch) => this.#supervisor.publish(patch),
      locate: () => null,
      logger,
    });
    this.#webhook = this.#createWebhook();
  }

  #createWebhook(): WebhookServer | null {
    const { webhook } = this.#config;
    if (webhook === null) return null;
    return new WebhookServer({
      ...webhook,
      log: this.#logger,
      translator: () => this.#plane.translator(),
      isWatched: (namespace) => this.#plane.reads(namespace),
      nowMs: Date.now,
    });
  }

  /** Resolves when every worker serves by the first complete table, however long the API server is away before that. */
  async start(): Promise<void> {
    const { adminAddress, adminPort, healthPath } = this.#config;
    if (adminPort !== 0) {
      this.#admin = await startAdmin({
        address: adminAddress,
        port: adminPort,
        healthPath,
        logger: this.#logger,
        isReady: () => this.isReady(),
        controller: this.#plane.controller,
        supervisor: this.#supervisor,
        table: () => this.#plane.table(),
        moreMetrics: () => [
          snapshotControlPlane(this.#plane.counts(), this.#plane.contact(), this.#webhook?.counts() ?? null),
        ],
      });
    }
    // Before the objects are there: it answers 503 until then.
    await this.#webhook?.start();
    await this.#plane.start();
    this.#isLoaded = true;
    if (this.#isStopping) return;
    await this.#supervisor.start();
    await this.#supervisor.whenReady();
  }

  /** Every worker listens and holds the first complete table, and nothing is being stopped. An API server that is away changes nothing. */
  isReady(): boolean {
    return this.#isLoaded && !this.#isStopping && this.#supervisor.isReady();
  }

  get plane(): ControlPlane {
    return this.#plane;
  }

  /** Not ready from here on; requests in flight finish within the grace period; the status goes with the last replica. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const { clearsOnShutdown, isOn } = this.#config.status;
    const stopWriting = async (): Promise<void> => {
      const isLast = isOn && clearsOnShutdown && this.#plane.isLeading() && !(await this.#hasOthers());
      await this.#plane.stop(isLast);
    };
    await Promise.all([stopWriting(), this.#supervisor.drain()]);
    await this.#webhook?.stop();
    await this.#admin?.close();
    this.#logger.info({}, 'stopped');
  }

  /** Ends the workers now. */
  kill(): void {
    this.#supervisor.kill();
  }

  /** Outside of a pod nobody knows; then the status stays only if somebody else waits for the Lease, which this cannot see: it goes. */
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

/** From the downward API. */
function podOf(env: Readonly<Record<string, string | undefined>>): PodIdentity | null {
  const { POD_NAME: name = '', POD_NAMESPACE: namespace = '' } = env;
  return name === '' || namespace === '' ? null : { name, namespace };
}
