// FileControl: manifest files → Controller, without an API (`--api-port 0`).
import type { Config } from '../config/index.ts';
import { Controller } from '../controller/index.ts';
import type { RouteTable, TablePatch } from '../model/index.ts';
import type { Logger } from '../observe/logger.ts';
import { FileSource } from '../sources/index.ts';
import { type OwnListener, Translator } from '../translate/index.ts';
import type { ControlSide } from './control-side.ts';
import { translateOptions } from './translate-options.ts';

/** Certificates expire without any object changing. */
const refreshMs = 3_600_000;

export class FileControl implements ControlSide {
  readonly controller: Controller;
  /** There is no API server. */
  readonly kubeconfigPath = null;
  readonly #source: FileSource;
  #translator: Translator | null = null;
  #refreshTimer: NodeJS.Timeout | null = null;

  constructor(
    config: Config,
    logger: Logger,
    ownListeners: readonly OwnListener[],
    publish: (patch: TablePatch) => void,
  ) {
    this.#source = new FileSource({
      paths: config.manifestPaths,
      defaultNamespace: config.defaultNamespace,
      allowLoopback: true,
      stdin: process.stdin,
      onChanges: (changes, failures) => this.controller.take(changes, failures),
      onWarning: (message) => logger.warn({}, message),
    });
    this.controller = new Controller({
      createTranslator: () => {
        this.#translator = new Translator(translateOptions(config.translate, ownListeners));
        return this.#translator;
      },
      publish,
      log: logger,
      locate: (ref, field) => this.#source.locate(ref, field),
      nowMs: Date.now,
    });
  }

  async start(): Promise<void> {
    await this.#source.start();
    this.#refreshTimer = setInterval(() => this.controller.refresh(), refreshMs).unref();
  }

  table(): RouteTable | null {
    return this.#translator?.table ?? null;
  }

  onServed(): void {
    // Files have nobody who would be told.
  }

  metrics(): [] {
    return [];
  }

  async leave(): Promise<void> {}

  async stop(): Promise<void> {
    if (this.#refreshTimer !== null) clearInterval(this.#refreshTimer);
    await this.#source.stop();
  }
}
