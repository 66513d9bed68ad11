// Sallyport as a user runs it: `sallyport up` with one worker; access log in nginx's form to a file; metrics on.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type CoreShares, CoreWatch } from './core-watch.ts';
import { writeVariantManifests } from './manifests.ts';
import { answersOk } from './probe.ts';
import { type Program, findFreePorts, startProgram, waitUntil } from './processes.ts';
import { readTreeCpuSeconds } from './process-tree.ts';
import { type RunningProxy, type VariantContext, http2RequestsPerConnection } from './variant.ts';

export const projectRoot = resolve(import.meta.dirname, '..', '..');

/** The Node that runs the Sallyport of a checkout: the pinned one where it is installed. */
export function nodePathOf(root: string): string {
  const pinnedNode = join(root, 'node_modules/node/bin/node');
  return existsSync(pinnedNode) ? pinnedNode : process.execPath;
}

/** For this checkout. */
export const nodePath = nodePathOf(projectRoot);

/** Of the Node that runs Sallyport. */
export function readNodeVersion(root: string): string {
  return spawnSync(nodePathOf(root), ['--version'], { encoding: 'utf8' }).stdout.trim().replace('v', '');
}

export interface SallyportSpec {
  /** Logs and data go here; made if need be. */
  readonly folder: string;
  readonly core: number;
  readonly manifestFolder: string;
  /** Another checkout than this one. */
  readonly root?: string;
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface RunningSallyport extends RunningProxy {
  /** From its start until /readyz was 200. */
  readonly startSeconds: number;
  /** CPU time until then, of all processes. */
  readonly startCpuSeconds: number;
  readonly startShares: CoreShares;
}

export async function startSallyport(spec: SallyportSpec): Promise<RunningSallyport> {
  const { folder, core, root = projectRoot } = spec;
  mkdirSync(folder, { recursive: true });
  const [httpPort = 0, httpsPort = 0, adminPort = 0, apiPort = 0] = await findFreePorts(4);
  const ports = [
    '--http-port',
    `${httpPort}`,
    '--https-port',
    `${httpsPort}`,
    '--admin-port',
    `${adminPort}`,
    '--api-port',
    `${apiPort}`,
  ];
  const files = ['--access-log', join(folder, 'access.log'), '--data-dir', join(folder, 'data')];
  const log = join(folder, 'output.log');
  const watch = new CoreWatch(core);
  const startedMs = performance.now();
  const program: Program = startProgram({
    core,
    command: nodePathOf(root),
    words: [
      join(root, 'bin/sallyport.js'),
      ...['up', '-f', spec.manifestFolder, '--workers', '1', '--bind', '127.0.0.1'],
      ...ports,
      ...files,
      ...(spec.flags ?? []),
    ],
    outputPath: log,
    errorPath: log,
    ...(spec.environment === undefined ? {} : { environment: spec.environment }),
  });
  await waitUntil(program, () => answersOk(`http://127.0.0.1:${adminPort}/readyz`), 'Sallyport');
  const startSeconds = (performance.now() - startedMs) / 1_000;
  const startCpuSeconds = readTreeCpuSeconds(program.pid);
  const startShares = watch.end(startCpuSeconds);
  return { program, httpPort, httpsPort, startSeconds, startCpuSeconds, startShares };
}

/** As one of the compared proxies: one route for each of the two hosts. */
export async function startSallyportVariant(
  root: string,
  context: VariantContext,
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningProxy> {
  const { folder, core, service } = context;
  const manifestFolder = join(folder, 'manifests');
  writeVariantManifests(manifestFolder, context);
  const flags = service.offersHttp2 ? ['--keep-alive-requests', `${http2RequestsPerConnection}`] : [];
  return await startSallyport({ folder, core, manifestFolder, root, flags, environment });
}
