// One crowd of connections against a fresh Sallyport with one worker: memory and event-loop delay before, while it is there, and after.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Companion, startCompanion } from '../convergence/companion.ts';
import type { Cores } from '../macro/cores.ts';
import { renderIngress, renderService } from '../macro/manifests.ts';
import { answersOk, ask } from '../macro/probe.ts';
import { findFreePorts, type Program, startProgram, waitUntil } from '../macro/processes.ts';
import { readRssMiB, readTree } from '../macro/process-tree.ts';
import { nodePath, projectRoot } from '../macro/sallyport.ts';
import { percentile } from '../macro/statistics.ts';
import type { OriginTypes } from './backend-process.ts';
import type { CrowdName, CrowdTypes } from './clients-process.ts';

export interface CrowdSpec {
  readonly crowd: CrowdName;
  readonly connections: number;
  readonly bodyBytes: number;
  /** How long the crowd stays once it is complete. */
  readonly seconds: number;
}

export interface CrowdFigures extends CrowdSpec {
  readonly opened: number;
  readonly lost: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Of the worker. */
  readonly beforeMiB: number;
  readonly mostMiB: number;
  readonly afterMiB: number;
  /** While the crowd was there; the worst process. */
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  /** Of a well-behaved client beside the crowd. */
  readonly requestP99Ms: number;
  readonly requestFailures: number;
}

const lookIntervalMs = 250;
/** After so many the worker's code is compiled and its heap has the size that it keeps. */
const warmUpRequests = 2_000;
/** Time for a worker to give memory back. */
const restMs = 3_000;

export async function measureCrowd(spec: CrowdSpec, cores: Cores, folder: string): Promise<CrowdFigures> {
  mkdirSync(folder, { recursive: true });
  const here = import.meta.dirname;
  const { bodyBytes, crowd, connections } = spec;
  const origin = await startCompanion<OriginTypes>(cores.load, join(here, 'backend-process.ts'), {
    bodyBytes,
  });
  const [httpPort = 0, adminPort = 0] = await findFreePorts(2);
  const subject = await startSubject({
    folder,
    core: cores.proxy,
    originPort: origin.ready,
    httpPort,
    adminPort,
  });
  let clients: Companion<CrowdTypes> | null = null;
  try {
    const worker = workerPid(subject.pid);
    for (let asked = 0; asked < warmUpRequests; asked += 1)
      await ask(`http://127.0.0.1:${httpPort}/small`, 'a.test');
    const beforeMiB = readRssMiB(worker);
    await readLoopDelay(adminPort);
    clients = await startCompanion<CrowdTypes>(cores.load, join(here, 'clients-process.ts'), {
      crowd,
      httpPort,
      connections,
      bodyBytes,
    });
    const watched = await watch(spec.seconds, worker, httpPort);
    const delay = await readLoopDelay(adminPort);
    const counted = await clients.stop();
    await pause(restMs);
    return {
      ...spec,
      opened: clients.ready,
      ...counted,
      beforeMiB,
      ...watched,
      ...delay,
      afterMiB: readRssMiB(worker),
    };
  } finally {
    await subject.stop();
    await origin.stop().catch(() => undefined);
  }
}

interface SubjectSpec {
  readonly folder: string;
  readonly core: number;
  readonly originPort: number;
  readonly httpPort: number;
  readonly adminPort: number;
}

async function startSubject({
  folder,
  core,
  originPort,
  httpPort,
  adminPort,
}: SubjectSpec): Promise<Program> {
  const manifests = join(folder, 'manifests');
  mkdirSync(manifests, { recursive: true });
  const ingress = renderIngress({
    namespace: 'default',
    name: 'web',
    host: 'a.test',
    paths: ['/'],
    service: 'web',
    annotations: { 'nginx.ingress.kubernetes.io/proxy-body-size': '0' },
  });
  writeFileSync(join(manifests, 'web.yaml'), renderService('default', 'web', originPort) + ingress);
  const log = join(folder, 'subject.log');
  const subject = startProgram({
    core,
    command: nodePath,
    words: [
      join(projectRoot, 'bin/sallyport.js'),
      ...['up', '-f', manifests, '--api-port', '0', '--workers', '1', '--data-dir', join(folder, 'data')],
      ...['--http-port', `${httpPort}`, '--https-port', '0', '--admin-port', `${adminPort}`],
      ...['--access-log', 'off', '--keep-alive-timeout', '10m', '--max-worker-connections', '16000'],
    ],
    outputPath: log,
    errorPath: log,
  });
  await waitUntil(subject, () => answersOk(`http://127.0.0.1:${adminPort}/readyz`), 'sallyport up');
  return subject;
}

function workerPid(root: number): number {
  const worker = readTree(root).find(({ parent }) => parent === root);
  if (worker === undefined) throw new Error('sallyport up has no worker');
  return worker.pid;
}

/** Looks at the worker while a client asks beside the crowd. */
async function watch(
  seconds: number,
  worker: number,
  httpPort: number,
): Promise<Pick<CrowdFigures, 'mostMiB' | 'requestP99Ms' | 'requestFailures'>> {
  const untilMs = performance.now() + seconds * 1_000;
  const latenciesMs: number[] = [];
  let mostMiB = readRssMiB(worker);
  let requestFailures = 0;
  for (let lookMs = 0; performance.now() < untilMs; ) {
    const askedMs = performance.now();
    const answer = await ask(`http://127.0.0.1:${httpPort}/small`, 'a.test').catch(() => null);
    latenciesMs.push(performance.now() - askedMs);
    if (answer?.status !== 200) requestFailures += 1;
    if (askedMs > lookMs) {
      mostMiB = Math.max(mostMiB, readRssMiB(worker));
      lookMs = askedMs + lookIntervalMs;
    }
    await pause(10);
  }
  return { mostMiB, requestP99Ms: percentile(latenciesMs, 0.99), requestFailures };
}

/** Since the last call. */
async function readLoopDelay(
  adminPort: number,
): Promise<Pick<CrowdFigures, 'loopDelayP99Ms' | 'loopDelayMaxMs'>> {
  const { body } = await ask(`http://127.0.0.1:${adminPort}/metrics`, null);
  const read = (quantile: string): number => {
    const name = 'sallyport_event_loop_delay_seconds';
    const line = new RegExp(`^${name}\\{quantile="${quantile}"\\} (\\S+)$`, 'm').exec(body);
    if (line === null) throw new Error(`the metrics have no ${name} of quantile ${quantile}`);
    return Number(line[1]) * 1_000;
  };
  return { loopDelayP99Ms: read('0.99'), loopDelayMaxMs: read('1') };
}
