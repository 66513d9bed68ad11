// Serving: a process that serves traffic, for `up` and `controller` alike: what makes the table → workers, and the admin listener
// beside. Objects are loaded before the ports open, so that no client ever meets an empty table.
import { hostname } from 'node:os';
import type { LogSettings, TranslateSettings } from '../config/index.ts';
import type { ProxySettings, RouteTable, TablePatch } from '../model/index.ts';
import type { AdminServer } from '../observe/admin-server.ts';
import type { Logger } from '../observe/logger.ts';
import { Supervisor } from '../proxy/supervisor.ts';
import { startAdmin } from './admin.ts';
import { adminTokenPath, provideAdminGate } from './admin-token.ts';
import type { ControlSide } from './control-side.ts';
import { provideDefaultCertificate } from './default-certificate.ts';

export interface ServingOptions<Control extends ControlSide> {
  readonly proxy: ProxySettings;
  readonly adminAddress: string;
  /** 0: no admin listener. */
  readonly adminPort: number;
  /** A further path that answers as /healthz does. */
  readonly healthPath?: string;
  /** Null: in the data folder, if there is one. */
  readonly adminTokenFile: string | null;
  /** Where the default certificate is kept; null: it lives as long as the process. */
  readonly dataDir: string | null;
  readonly log: LogSettings;
  readonly translate: Pick<TranslateSettings, 'controllerClass' | 'annotationsPrefix'>;
  readonly logger: Logger;
  /** `shareLimits`: among how many replicas limits of clients are divided. */
  readonly createControl: (
    publish: (patch: TablePatch) => void,
    shareLimits: (share: number) => void,
  ) => Control;
}

export class Serving<Control extends ControlSide = ControlSide> {
  readonly control: Control;
  readonly #options: ServingOptions<Control>;
  readonly #supervisor: Supervisor;
  #admin: AdminServer | null = null;
  #isLoaded = false;
  #isStopping = false;

  constructor(options: ServingOptions<Control>) {
    this.#options = options;
    const { proxy, dataDir, log, logger } = options;
    const { certificate, warning } = provideDefaultCertificate(dataDir, new Date());
    if (warning !== null) logger.warn({}, warning);
    this.#supervisor = new Supervisor({
      settings: proxy,
      logger,
      defaultCertificate: certificate,
      logLevel: log.level,
      logFormat: log.format,
      onServed: (version) => this.control.onServed(version),
    });
    this.control = options.createControl(
      (patch) => this.#supervisor.publish(patch),
      (share) => this.#supervisor.setLimitShare(share),
    );
  }

  /** Resolves when every worker serves by the first complete table. Rejects when a path cannot be read or a port cannot be had. */
  async start(): Promise<void> {
    const { adminAddress, adminPort, healthPath, adminTokenFile, dataDir, logger } = this.#options;
    if (adminPort !== 0) {
      const { gate, warning } = provideAdminGate(adminTokenPath(adminTokenFile, dataDir));
      if (warning !== null) logger.warn({}, warning);
      this.#admin = await startAdmin({
        address: adminAddress,
        port: adminPort,
        ...(healthPath === undefined ? {} : { healthPath }),
        gate,
        logger,
        isReady: () => this.isReady(),
        controller: this.control.controller,
        supervisor: this.#supervisor,
        table: () => this.table(),
        controllerClass: this.#options.translate.controllerClass,
        annotationsPrefix: this.#options.translate.annotationsPrefix,
        pod: { namespace: process.env['POD_NAMESPACE'] ?? '', name: process.env['POD_NAME'] ?? hostname() },
        moreMetrics: () => this.control.metrics(),
      });
    }
    await this.control.start();
    this.#isLoaded = true;
    if (this.#isStopping) return;
    await this.#supervisor.start();
    // The workers hold the table when they listen, but say so in the message behind.
    await this.#supervisor.whenReady();
  }

  /** Every worker listens and holds the first complete table, and nothing is being stopped. An API server that is away changes nothing. */
  isReady(): boolean {
    return this.#isLoaded && !this.#isStopping && this.#supervisor.isReady();
  }

  /** What is served now. */
  table(): RouteTable | null {
    return this.control.table();
  }

  /** Not ready from here on; requests in flight finish within the grace period, then everything ends. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    // Until its clients have noticed it serves what comes, and must know of endpoints that come and go.
    await Promise.all([this.control.leave(), this.#supervisor.drain()]);
    await this.control.stop();
    // Last, so that a probe hears 503 while the rest drains.
    await this.#admin?.close();
    this.#options.logger.info({}, 'stopped');
  }

  /** Ends the workers now. */
  kill(): void {
    this.#supervisor.kill();
  }
}
