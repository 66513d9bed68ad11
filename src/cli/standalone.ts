// Standalone: the parts of `sallyport up` put together: what makes the table → workers, and the admin listener beside.
// Objects are loaded before the ports open, so that no client ever meets an empty table.
import type { Config } from '../config/index.ts';
import type { Controller } from '../controller/index.ts';
import type { RouteTable, TablePatch } from '../model/index.ts';
import type { AdminServer } from '../observe/admin-server.ts';
import type { Logger } from '../observe/logger.ts';
import { Supervisor } from '../proxy/supervisor.ts';
import { startAdmin } from './admin.ts';
import { ApiControl } from './api-control.ts';
import type { ControlSide } from './control-side.ts';
import { ensureDefaultCertificate } from './default-certificate.ts';
import { FileControl } from './file-control.ts';
import { machineAddresses, ownListenersOf } from './own-listeners.ts';

export class Standalone {
  readonly #config: Config;
  readonly #logger: Logger;
  readonly #control: ControlSide;
  readonly #api: ApiControl | null;
  readonly #supervisor: Supervisor;
  #admin: AdminServer | null = null;
  #isLoaded = false;
  #isStopping = false;

  /** @throws {StorageError} the state of the API server cannot be used. */
  constructor(config: Config, logger: Logger) {
    this.#config = config;
    this.#logger = logger;
    const { certificate, warning } = ensureDefaultCertificate(config.dataDir, new Date());
    if (warning !== null) logger.warn({}, warning);
    this.#supervisor = new Supervisor({
      settings: config.proxy,
      logger,
      defaultCertificate: certificate,
      logLevel: config.log.level,
      logFormat: config.log.format,
      onServed: (version) => this.#control.onServed(version),
    });
    const { address, port } = config.api;
    const ownListeners = ownListenersOf(config, machineAddresses(), [{ address, port, purpose: 'admin' }]);
    const publish = (patch: TablePatch): void => this.#supervisor.publish(patch);
    this.#api = port === 0 ? null : new ApiControl(config, logger, ownListeners, publish);
    this.#control = this.#api ?? new FileControl(config, logger, ownListeners, publish);
  }

  /** Resolves when every worker serves by the first complete table. Rejects when a path cannot be read or a port cannot be had. */
  async start(): Promise<void> {
    const { adminAddress, adminPort } = this.#config;
    if (adminPort !== 0) {
      this.#admin = await startAdmin({
        address: adminAddress,
        port: adminPort,
        logger: this.#logger,
        isReady: () => this.isReady(),
        controller: this.controller,
        supervisor: this.#supervisor,
        table: () => this.table(),
        moreMetrics: () => this.#control.metrics(),
      });
    }
    await this.#control.start();
    this.#isLoaded = true;
    if (this.#isStopping) return;
    await this.#supervisor.start();
    // The workers hold the table when they listen, but say so in the message behind.
    await this.#supervisor.whenReady();
  }

  /** Every worker listens and holds the first complete table, and nothing is being stopped. */
  isReady(): boolean {
    return this.#isLoaded && !this.#isStopping && this.#supervisor.isReady();
  }

  get controller(): Controller {
    return this.#control.controller;
  }

  /** Where `kubectl` finds how to reach the API server; null: there is none. */
  get kubeconfigPath(): string | null {
    return this.#api?.kubeconfigPath ?? null;
  }

  /** What is served now. */
  table(): RouteTable | null {
    return this.#control.table();
  }

  /** Not ready from here on; requests in flight finish within the grace period, then everything ends. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all([this.#control.stop(), this.#supervisor.drain()]);
    // Last, so that a probe hears 503 while the rest drains.
    await this.#admin?.close();
    this.#logger.info({}, 'stopped');
  }

  /** Ends the workers now. */
  kill(): void {
    this.#supervisor.kill();
  }
}
