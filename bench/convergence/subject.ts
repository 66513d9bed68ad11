// What is measured: Sallyport in one of its two settings, with one worker, on the proxy core. The benchmark writes to an API
// server and asks the proxy; how they are connected is the setting's business.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSelfSigned } from '../../src/cli/self-signed.ts';
import type { Cores } from '../macro/cores.ts';
import { answersOk } from '../macro/probe.ts';
import { findFreePorts, type Program, startProgram, waitUntil } from '../macro/processes.ts';
import { nodePath, projectRoot } from '../macro/sallyport.ts';
import type { SettingName } from './options.ts';
import { readUsage, type Usage } from './usage.ts';

export interface SubjectSpec {
  readonly setting: SettingName;
  /** State and logs go here. */
  readonly folder: string;
  readonly cores: Cores;
  readonly environment: Readonly<Record<string, string>>;
}

interface Webhook {
  readonly port: number;
  readonly flags: readonly string[];
}

const dayMs = 86_400_000;
/** Edits over one connection, however many: it must stay open. */
const manyRequests = '10000000';
const startTimeoutMs = 120_000;

export class Subject {
  readonly setting: SettingName;
  readonly #spec: SubjectSpec;
  readonly #httpPort: number;
  readonly #adminPort: number;
  readonly #apiPort: number;
  readonly #webhook: Webhook | null;
  #program: Program | null = null;
  /** The other process that is the cluster; null in the setting `up`. */
  #cluster: Program | null = null;

  private constructor(spec: SubjectSpec, ports: readonly number[]) {
    const [httpPort = 0, adminPort = 0, apiPort = 0, webhookPort = 0] = ports;
    this.setting = spec.setting;
    this.#spec = spec;
    this.#httpPort = httpPort;
    this.#adminPort = adminPort;
    this.#apiPort = apiPort;
    this.#webhook = spec.setting === 'controller' ? makeWebhook(spec.folder, webhookPort) : null;
  }

  /** Started and ready, with an empty cluster. */
  static async start(spec: SubjectSpec): Promise<Subject> {
    mkdirSync(spec.folder, { recursive: true });
    const subject = new Subject(spec, await findFreePorts(5));
    try {
      if (spec.setting === 'controller') await subject.#startCluster();
      await subject.start();
    } catch (error) {
      await subject.stop();
      throw error;
    }
    return subject;
  }

  get httpPort(): number {
    return this.#httpPort;
  }

  /** Where admission reviews go; null: there is no webhook in this setting. */
  get webhookPort(): number | null {
    return this.#webhook?.port ?? null;
  }

  get kubeconfigPath(): string {
    return join(this.#dataFolder('api'), 'kubeconfig');
  }

  usage(): Usage {
    return readUsage(this.#program?.pid ?? 0);
  }

  /** Seconds from the start of the process until /readyz was 200. */
  async start(): Promise<number> {
    const startedMs = performance.now();
    const { cores, environment } = this.#spec;
    this.#program = this.#run('subject', cores.proxy, this.#words(), environment);
    await this.#waitReady(this.#program, this.#adminPort, `sallyport ${this.setting}`);
    return (performance.now() - startedMs) / 1_000;
  }

  /** As if the machine had failed. The cluster of the setting `controller` stays. */
  async crash(): Promise<void> {
    await this.#program?.crash();
    this.#program = null;
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
    await this.#cluster?.stop();
  }

  /** An API server whose own controller and proxy have nothing to do. */
  async #startCluster(): Promise<void> {
    const [adminPort = 0, httpPort = 0] = await findFreePorts(2);
    const words = [
      ...['up', '--workers', '1', '--api-port', `${this.#apiPort}`, '--data-dir', this.#dataFolder('api')],
      ...['--http-port', `${httpPort}`, '--https-port', '0', '--admin-port', `${adminPort}`],
      ...['--controller-class', 'bench.example/nobody', '--ingress-class', 'nobody'],
      ...['--watch-ingress-without-class=false', '--access-log', 'off'],
    ];
    this.#cluster = this.#run('cluster', this.#spec.cores.load, words, {});
    await this.#waitReady(this.#cluster, adminPort, 'The API server');
  }

  #words(): readonly string[] {
    const { folder } = this.#spec;
    const common = [
      ...['--workers', '1', '--bind', '127.0.0.1', '--http-port', `${this.#httpPort}`, '--https-port', '0'],
      ...['--access-log', join(folder, 'access.log'), '--keep-alive-requests', manyRequests],
    ];
    return this.setting === 'up'
      ? [
          ...['up', ...common, '--admin-port', `${this.#adminPort}`],
          ...['--api-port', `${this.#apiPort}`, '--data-dir', this.#dataFolder('api')],
        ]
      : [
          ...['controller', ...common, '--healthz-host', '127.0.0.1', '--healthz-port', `${this.#adminPort}`],
          ...['--kubeconfig', this.kubeconfigPath, '--data-dir', this.#dataFolder('controller')],
          ...['--publish-status-address', '192.0.2.80'],
          ...(this.#webhook?.flags ?? []),
        ];
  }

  #dataFolder(name: string): string {
    return join(this.#spec.folder, `${name}-data`);
  }

  #run(
    name: string,
    core: number,
    words: readonly string[],
    environment: Readonly<Record<string, string>>,
  ): Program {
    const log = join(this.#spec.folder, `${name}.log`);
    return startProgram({
      core,
      command: nodePath,
      words: [join(projectRoot, 'bin/sallyport.js'), ...words],
      outputPath: log,
      errorPath: log,
      environment,
    });
  }

  async #waitReady(program: Program, adminPort: number, what: string): Promise<void> {
    const isReady = (): Promise<boolean> => answersOk(`http://127.0.0.1:${adminPort}/readyz`);
    await waitUntil(program, isReady, what, { timeoutMs: startTimeoutMs });
  }
}

function makeWebhook(folder: string, port: number): Webhook {
  const certificatePath = join(folder, 'webhook.crt');
  const keyPath = join(folder, 'webhook.key');
  const { chainPem, keyPem } = createSelfSigned({
    commonName: 'webhook.bench.example',
    dnsNames: ['webhook.bench.example'],
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + 30 * dayMs),
  });
  writeFileSync(certificatePath, chainPem);
  writeFileSync(keyPath, keyPem, { mode: 0o600 });
  return {
    port,
    flags: [
      ...['--validating-webhook', `127.0.0.1:${port}`],
      ...['--validating-webhook-certificate', certificatePath, '--validating-webhook-key', keyPath],
    ],
  };
}
