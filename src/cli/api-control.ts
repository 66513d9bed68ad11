// ApiControl: the embedded API server, the manifest files applied to it, and the controller that serves its objects, in one process.
import { hostname } from 'node:os';
import { administrator, ApiServer } from '../apiserver/index.ts';
import type { Config } from '../config/index.ts';
import type { Controller } from '../controller/index.ts';
import type { RouteTable, TablePatch } from '../model/index.ts';
import type { Logger } from '../observe/logger.ts';
import type { MetricsSnapshot } from '../observe/metrics-snapshot.ts';
import type { OwnListener } from '../translate/index.ts';
import { readAcmeOptions } from './acme-options.ts';
import { FileApplier } from './apply-files.ts';
import { ControlPlane } from './control-plane.ts';
import { snapshotControlPlane } from './control-plane-metrics.ts';
import type { ControlSide } from './control-side.ts';
import { InProcessClient } from './in-process-client.ts';
import { reachableAddresses } from './own-addresses.ts';
import { machineAddresses } from './own-listeners.ts';
import { readVersion } from './version.ts';

export class ApiControl implements ControlSide {
  readonly #server: ApiServer;
  readonly #plane: ControlPlane;
  /** Null: no files were named; what earlier runs made of files stays. */
  readonly #files: FileApplier | null;
  #kubeconfigPath: string | null = null;

  /** @throws {StorageError} the state cannot be used; it was left as it is. */
  constructor(
    config: Config,
    logger: Logger,
    ownListeners: readonly OwnListener[],
    publish: (patch: TablePatch) => void,
  ) {
    const { api, dataDir, translate, status, proxy } = config;
    this.#server = new ApiServer({
      dataDir,
      bind: api.address,
      machineAddresses,
      port: api.port,
      packageVersion: readVersion(),
      logger,
    });
    const client = new InProcessClient(this.#server.handle, administrator, 'sallyport-controller');
    this.#plane = new ControlPlane({
      client,
      scope: { namespace: null, namespaceSelector: null },
      translate,
      ownListeners,
      allowLoopbackEndpoints: true,
      status,
      acme: readAcmeOptions(config.acme, 'kube-system', false),
      ownAddresses: () => reachableAddresses(proxy.listen.address, machineAddresses()),
      election: null,
      identity: hostname(),
      replicas: null,
      pod: null,
      readsNode: false,
      publish,
      locate: (ref, field) => this.#files?.locate(ref, field) ?? null,
      logger,
    });
    this.#files = config.manifestPaths.length === 0 ? null : this.#createFiles(config, logger);
  }

  #createFiles(config: Config, logger: Logger): FileApplier {
    return new FileApplier({
      client: new InProcessClient(this.#server.handle, administrator, 'sallyport-files'),
      batch: (run) => this.#server.batch(run),
      source: {
        paths: config.manifestPaths,
        defaultNamespace: config.defaultNamespace,
        allowLoopback: true,
        stdin: process.stdin,
        onWarning: (message) => logger.warn({}, message),
      },
      onFailures: (failures) => this.#plane.tellFailures(failures),
      log: logger,
    });
  }

  get controller(): Controller {
    return this.#plane.controller;
  }

  /** Where `kubectl` finds how to reach the API server; null before it listens. */
  get kubeconfigPath(): string | null {
    return this.#kubeconfigPath;
  }

  /** Listens first, so that a port that is taken is told before anything else happens. */
  async start(): Promise<void> {
    this.#kubeconfigPath = (await this.#server.listen()).kubeconfigPath;
    await this.#files?.start();
    await this.#plane.start();
  }

  table(): RouteTable | null {
    return this.#plane.table();
  }

  onServed(version: number): void {
    this.#plane.onServed(version);
  }

  metrics(): readonly MetricsSnapshot[] {
    return [snapshotControlPlane(this.#plane.counts(), null)];
  }

  /** The API server goes at once: another instance may want its port and its data. */
  async leave(): Promise<void> {
    await this.#files?.stop();
    await this.#plane.leave(false);
    await this.#plane.stop();
    await this.#server.stop();
  }

  /** Nothing is left to end. */
  async stop(): Promise<void> {}
}
