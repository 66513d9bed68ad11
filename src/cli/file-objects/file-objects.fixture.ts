// An API server without a listener in a temporary folder, files that are texts, and the round that brings one to the other: without a
// file system to watch and without time, so that tests say what happens when.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { administrator, ApiServer } from '../../apiserver/index.ts';
import type { Logger } from '../../observe/logger.ts';
import { Inventory } from '../../sources/files/inventory.ts';
import { loadText } from '../../sources/files/load-text.ts';
import { manifestText } from '../../sources/files/read-text.ts';
import type { ApiCall, ApiReply, FileFailure } from '../../sources/index.ts';
import { InProcessClient } from '../in-process-client.ts';
import { ApiCalls } from './api-calls.ts';
import { ApiKinds } from './api-kinds.ts';
import { FailureList } from './failure-list.ts';
import { FileObjects } from './file-object.ts';
import { ObjectKeeper } from './object-keeper.ts';

const settings = { defaultNamespace: 'default', allowLoopback: true, keepsManifests: true };

export class LogLines {
  readonly lines: string[] = [];

  readonly info = (_fields: object, message: string): void => void this.lines.push(`info ${message}`);
  readonly warn = (_fields: object, message: string): void => void this.lines.push(`warn ${message}`);
  readonly error = (_fields: object, message: string): void => void this.lines.push(`error ${message}`);
}

/** What kubectl and the files share. */
export class TestCluster {
  readonly client: InProcessClient;
  readonly server: ApiServer;
  readonly #folder = mkdtempSync(join(tmpdir(), 'sallyport-applier-'));
  readonly #kubectl: InProcessClient;

  constructor() {
    const ignore = (): void => undefined;
    const logger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore, child: () => logger };
    const bind = '127.0.0.1';
    this.server = new ApiServer({ dataDir: this.#folder, bind, port: 0, packageVersion: '0.0.0', logger });
    this.client = new InProcessClient(this.server.handle, administrator, 'sallyport');
    this.#kubectl = new InProcessClient(this.server.handle, administrator, 'kubectl/v1.36');
  }

  kubectl(call: ApiCall): Promise<ApiReply> {
    return this.#kubectl.call(call);
  }

  create(path: string, body: unknown): Promise<ApiReply> {
    return this.kubectl({ method: 'POST', path, body });
  }

  delete(path: string): Promise<ApiReply> {
    return this.kubectl({ method: 'DELETE', path });
  }

  /** Merges into an object as `kubectl patch --type merge` does. */
  edit(path: string, body: unknown): Promise<ApiReply> {
    const contentType = 'application/merge-patch+json';
    return this.kubectl({
      method: 'PATCH',
      path,
      contentType,
      body,
      query: { fieldManager: 'kubectl-edit' },
    });
  }

  /** Null: there is none. */
  async read(path: string): Promise<Readonly<Record<string, unknown>> | null> {
    const { status, value } = await this.kubectl({ method: 'GET', path });
    assert.ok(status === 200 || status === 404, `GET ${path}: ${status}`);
    return status === 404 ? null : (value as Readonly<Record<string, unknown>>);
  }

  async readData(name: string, namespace = 'default'): Promise<unknown> {
    return (await this.read(configMapPath(name, namespace)))?.['data'] ?? null;
  }

  async stop(): Promise<void> {
    await this.server.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The files of one run of the program, and what they come to in the cluster. */
export class TestFiles {
  readonly log = new LogLines();
  readonly calls: ApiCall[] = [];
  failures: readonly FileFailure[] = [];
  readonly #inventory = new Inventory();
  readonly #objects = new FileObjects(settings.defaultNamespace);
  readonly #keeper: ObjectKeeper;
  readonly #failureList: FailureList;

  constructor(cluster: TestCluster) {
    const { client, server } = cluster;
    const watched = {
      call: (call: ApiCall) => {
        this.calls.push(call);
        return client.call(call);
      },
      watch: () => assert.fail('nothing is watched'),
    };
    this.#keeper = new ObjectKeeper({
      objects: this.#objects,
      calls: new ApiCalls(watched, (run) => server.batch(run)),
      kinds: new ApiKinds(watched),
      defaultNamespace: settings.defaultNamespace,
      log: this.log,
      pause: async () => true,
    });
    this.#failureList = new FailureList((ref) => ({ file: `${ref.kind} ${ref.name}`, line: 1 }));
  }

  /** Sets the text of a file, or takes it away; nothing is applied before `keep`. */
  write(file: string, text: string | null): this {
    const loaded = text === null ? null : loadText(file, manifestText(Buffer.from(text)), settings);
    this.#inventory.update(file, loaded);
    return this;
  }

  async keep(): Promise<void> {
    const failures = this.#inventory.failures();
    this.#objects.take(this.#inventory.takeChanges().manifests);
    await this.#keeper.keep(failures);
    this.failures = this.#failureList.render(this.#keeper.tellLastGood(failures), this.#objects.told());
  }

  /** As after some time. */
  async retry(): Promise<void> {
    this.#objects.wakeWaiting();
    await this.keep();
  }

  get isWaiting(): boolean {
    return this.#objects.hasWaiting;
  }

  /** `severity code Kind name field message` of each failure. */
  get told(): readonly string[] {
    return this.failures.map(({ severity, code, object, field, message }) =>
      [severity, code, object?.kind ?? '-', object?.name ?? '-', field === '' ? '-' : field, message].join(
        ' ',
      ),
    );
  }

  /** `METHOD path` of each write since the last look. */
  takeWrites(): readonly string[] {
    return this.calls
      .splice(0)
      .filter(({ method }) => method !== 'GET')
      .map(({ method, path, query }) => `${method} ${path}${query?.['force'] === 'true' ? ' force' : ''}`);
  }
}

/** Stopped at the end of the test. */
export function startCluster(test: TestContext): TestCluster {
  const cluster = new TestCluster();
  test.after(() => cluster.stop());
  return cluster;
}

/** A run of the program with these files, kept once. */
export async function filesOf(
  cluster: TestCluster,
  texts: Readonly<Record<string, string>>,
): Promise<TestFiles> {
  const files = new TestFiles(cluster);
  for (const [file, text] of Object.entries(texts)) files.write(file, text);
  await files.keep();
  return files;
}

export function configMapPath(name: string, namespace = 'default'): string {
  return `/api/v1/namespaces/${namespace}/configmaps/${name}`;
}

export const configMapsPath = '/api/v1/namespaces/default/configmaps';

export function configMap(name: string, data: object, namespace?: string): string {
  const metadata = namespace === undefined ? { name } : { name, namespace };
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
}

export function manyDocuments(...texts: readonly string[]): string {
  return texts.join('\n---\n');
}

/** A kind `Widget` of a group, by its definition. */
export function widgetDefinition(group = 'a.example'): string {
  return JSON.stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec: { type: 'object', properties: { size: { type: 'integer', minimum: 0 } } } },
            },
          },
        },
      ],
    },
  });
}

export const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
export const widgetsPath = '/apis/a.example/v1/namespaces/default/widgets';

export function widget(name: string, size: number, group = 'a.example'): string {
  return JSON.stringify({ apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name }, spec: { size } });
}
