// ApiServer: the embedded API server put together: storage, resources, REST, discovery, and the HTTPS listener before them. It can be
// used without the listener: `handle` is the API for callers of the same process.
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../observe/logger.ts';
import { admissions } from './admission/index.ts';
import { customResourceDefinitionResource, CustomResources } from './custom/index.ts';
import { createDiscovery } from './discovery/index.ts';
import {
  ApiListener,
  certificateHosts,
  createAuthenticate,
  ensureApiCredentials,
  ensureKubeconfig,
  localHost,
  type TlsMaterial,
} from './http/index.ts';
import { createOpenApi } from './openapi/index.ts';
import { createRegistry, EventExpiry, NamespaceSweeper, seedObjects } from './registry/index.ts';
import { createApiHandler, type ApiHandler, type UserInfo } from './rest/index.ts';
import { openStore, StorageError, type ObjectStore } from './storage/index.ts';

export interface ApiServerOptions {
  /** Made if it is not there. Holds state.db, pki/ and kubeconfig. */
  readonly dataDir: string;
  readonly bind: string;
  /** Of all interfaces; the certificate names them while `bind` is all addresses. Absent: only those that every machine has. */
  readonly machineAddresses?: () => readonly string[];
  readonly port: number;
  readonly packageVersion: string;
  readonly logger: Logger;
}

/** Whoever holds the administrator's token, and callers of the same process. */
export const administrator: UserInfo = {
  name: 'sallyport-admin',
  groups: ['system:masters', 'system:authenticated'],
};

/** The letters that kube-apiserver makes names of: no vowels, so that no words come of them. */
const suffixLetters = 'bcdfghjklmnpqrstvwxz2456789';
/** Between two looks at whether the server's certificate ends soon or is for other addresses than those of the machine. */
const renewalCheckMs = 12 * 3_600_000;

function randomSuffix(): string {
  let text = '';
  for (let index = 0; index < 5; index += 1) {
    text += suffixLetters.charAt(Math.floor(Math.random() * suffixLetters.length));
  }
  return text;
}

export class ApiServer {
  /** The API without its transport. */
  readonly handle: ApiHandler;
  readonly #options: ApiServerOptions;
  readonly #store: ObjectStore;
  readonly #custom: CustomResources;
  readonly #expiry: EventExpiry;
  readonly #sweeper: NamespaceSweeper;
  #listener: ApiListener | null = null;
  #renewalTimer: NodeJS.Timeout | null = null;

  /** Opens the state and makes what every cluster has. @throws {StorageError} the state cannot be used; it was left as it is. */
  constructor(options: ApiServerOptions) {
    const { dataDir, logger, bind, port } = options;
    this.#options = options;
    ensureFolder(dataDir);
    this.#store = openStore({
      path: join(dataDir, 'state.db'),
      onWarning: (message) => logger.warn({}, message),
      onListenerError: (error) => logger.error({ err: error }, 'a watch of the API server failed'),
    });
    const registry = createRegistry({ customResourceDefinition: customResourceDefinitionResource });
    const builtIn = new Set(registry.resources().map(({ group, plural }) => `${group}/${plural}`));
    this.#store.batch(() => seedObjects(this.#store, Date.now(), { apiPort: port }));
    this.#custom = new CustomResources({
      store: this.#store,
      registry,
      nowMs: Date.now,
      isBuiltIn: (group, plural) => builtIn.has(`${group}/${plural}`),
      onProblem: (definition, problem) =>
        logger.warn({ definition }, `CustomResourceDefinition ${definition}: ${problem}`),
    });
    this.#custom.start();
    const discovery = createDiscovery(registry, { serverAddress: authority(bind, port) });
    const openApi = createOpenApi(registry);
    this.handle = createApiHandler({
      registry,
      store: this.#store,
      admissions,
      discovery: (request) => discovery(request) ?? openApi(request),
      nowMs: Date.now,
      randomUuid: randomUUID,
      randomSuffix,
      log: logger,
    });
    const parts = { store: this.#store, registry, nowMs: Date.now };
    const onError = (error: unknown): void =>
      logger.error({ err: error }, 'the API server could not clean up');
    this.#expiry = new EventExpiry({ ...parts, onError });
    this.#expiry.start();
    this.#sweeper = new NamespaceSweeper({ ...parts, onError });
    this.#sweeper.start();
  }

  /** Writes the kubeconfig, then listens; the path of the kubeconfig. Rejects with the system's error when the port cannot be had. */
  async listen(): Promise<{ readonly kubeconfigPath: string; readonly port: number }> {
    const { bind, port, logger, packageVersion, dataDir } = this.#options;
    const credentials = this.#readCredentials();
    const listener = new ApiListener({
      bind,
      port,
      tls: credentials.tls,
      authenticate: createAuthenticate([{ token: credentials.token, user: administrator }]),
      handler: this.handle,
      logger,
      packageVersion,
    });
    this.#listener = listener;
    const bound = await listener.start();
    const kubeconfigPath = ofFolder(dataDir, () =>
      ensureKubeconfig(dataDir, {
        serverUrl: `https://${authority(localHost(bind), bound.port)}`,
        authorityPem: credentials.tls.clientAuthorityPem,
        token: credentials.token,
      }),
    );
    this.#renewalTimer = setInterval(() => this.#renew(), renewalCheckMs).unref();
    return { kubeconfigPath, port: bound.port };
  }

  /** Everything that `run` writes becomes durable together. */
  batch<Result>(run: () => Result): Result {
    return this.#store.batch(run);
  }

  /** Ends watches and answers, then closes the state. */
  async stop(): Promise<void> {
    if (this.#renewalTimer !== null) clearInterval(this.#renewalTimer);
    await this.#listener?.stop();
    this.#expiry.stop();
    this.#sweeper.stop();
    this.#custom.stop();
    this.#store.close();
  }

  /** @throws {StorageError} a file of credentials is damaged, foreign or open to others; it was left as it is. */
  #readCredentials(): { readonly tls: TlsMaterial; readonly token: string; readonly renewAtMs: number } {
    const { dataDir, bind, machineAddresses } = this.#options;
    const hosts = certificateHosts(bind, machineAddresses?.() ?? []);
    const { server, authority, token, renewAtMs } = ofFolder(dataDir, () =>
      ensureApiCredentials(dataDir, { hosts, nowMs: Date.now() }),
    );
    const tls = {
      certificatePem: server.certificatePem,
      keyPem: server.keyPem,
      clientAuthorityPem: authority.certificatePem,
    };
    return { tls, token, renewAtMs };
  }

  #renew(): void {
    try {
      this.#listener?.replaceTls(this.#readCredentials().tls);
    } catch (error) {
      this.#options.logger.error({ err: error }, 'cannot renew the certificate of the API server');
    }
  }
}

function ensureFolder(path: string): void {
  ofFolder(path, () => mkdirSync(path, { recursive: true, mode: 0o700 }));
}

/** What goes wrong with the files of the folder is told like what goes wrong with the state in it. */
function ofFolder<Result>(path: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new StorageError(path, 'unwritable', `the data folder ${JSON.stringify(path)}: ${message}`, {
      cause: error,
    });
  }
}

function authority(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
