// Standalone: the parts of `sallyport up` put together: manifest files → controller → workers, and the admin listener beside.
// Objects are loaded before the ports open, so that no client ever meets an empty table.
import type { Config } from '../config/index.ts';
import { Controller } from '../controller/index.ts';
import type { RouteTable } from '../model/index.ts';
import type { AdminServer } from '../observe/admin-server.ts';
import type { Logger } from '../observe/logger.ts';
import { Supervisor } from '../proxy/supervisor.ts';
import { FileSource } from '../sources/index.ts';
import { Translator } from '../translate/index.ts';
import { startAdmin } from './admin.ts';
import { ensureDefaultCertificate } from './default-certificate.ts';
import { machineAddresses, ownListenersOf } from './own-listeners.ts';
import { translateOptions } from './translate-options.ts';

/** Certificates expire without any object changing. */
const refreshMs = 3_600_000;

export class Standalone {
  readonly #config: Config;
  readonly #logger: Logger;
  readonly #source: FileSource;
  readonly #controller: Controller;
  readonly #supervisor: Supervisor;
  #translator: Translator | null = null;
  #admin: AdminServer | null = null;
  #refreshTimer: NodeJS.Timeout | null = null;
  #isLoaded = false;
  #isStopping = false;

  constructor(config: Config, logger: Logger) {
    this.#config = config;
    this.#logger = logger;
    const { certificate, warning } = ensureDefaultCertificate(config.dataDir, new Date());
    if (warning !== null) logger.warn({}, warning);
    this.#source = new FileSource({
      paths: config.manifestPaths,
      defaultNamespace: config.defaultNamespace,
      allowLoopback: true,
      stdin: process.stdin,
      onChanges: (changes, failures) => this.#controller.take(changes, failures),
      onWarning: (message) => logger.warn({}, message),
    });
    this.#supervisor = new Supervisor({
      settings: config.proxy,
      logger,
      defaultCertificate: certificate,
      logLevel: config.log.level,
      logFormat: config.log.format,
    });
    this.#controller = new Controller({
      createTranslator: () => {
        this.#translator = new Translator(
          translateOptions(config.translate, ownListenersOf(config, machineAddresses())),
        );
        return this.#translator;
      },
      publish: (patch) => this.#supervisor.publish(patch),
      log: logger,
      locate: (ref, field) => this.#source.locate(ref, field),
      nowMs: Date.now,
    });
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
        controller: this.#controller,
        supervisor: this.#supervisor,
        table: () => this.table(),
      });
    }
    await this.#source.start();
    this.#isLoaded = true;
    if (this.#isStopping) return;
    await this.#supervisor.start();
    // The workers hold the table when they listen, but say so in the message behind.
    await this.#supervisor.whenReady();
    this.#refreshTimer = setInterval(() => this.#controller.refresh(), refreshMs).unref();
  }

  /** Every worker listens and holds the first complete table, and nothing is being stopped. */
  isReady(): boolean {
    return this.#isLoaded && !this.#isStopping && this.#supervisor.isReady();
  }

  get controller(): Controller {
    return this.#controller;
  }

  /** What is served now. */
  table(): RouteTable | null {
    return this.#translator?.table ?? null;
  }

  /** Not ready from here on; requests in flight finish within the grace period, then everything ends. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#refreshTimer !== null) clearInterval(this.#refreshTimer);
    await Promise.all([this.#source.stop(), this.#supervisor.drain()]);
    // Last, so that a probe hears 503 while the rest drains.
    await this.#admin?.close();
    this.#logger.info({}, 'stopped');
  }

  /** Ends the workers now. */
  kill(): void {
    this.#supervisor.kill();
  }
}
