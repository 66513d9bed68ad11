// Runs wrk on the load core and accounts for what it cost the proxy: the CPU time of the proxy's process tree between the
// start and the end of wrk, divided by the requests that wrk counted.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CoreWatch, type CoreShares } from './core-watch.ts';
import type { Cores } from './cores.ts';
import { findWorker, readRssMiB, readTreeCpuSeconds, readTreeRssMiB } from './process-tree.ts';

export interface LoadSpec {
  readonly url: string;
  readonly connections: number;
  readonly host: string | null;
  /** Words for wrk/spread.lua; null: the same request always. */
  readonly spread: readonly string[] | null;
}

/** What wrk prints through wrk/report.lua. */
interface WrkResult {
  readonly requests: number;
  readonly durationUs: number;
  readonly bytes: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly refused: number;
  readonly broken: number;
  readonly timeouts: number;
  readonly badStatus: number;
}

/** One measured window. */
export interface LoadSample extends CoreShares {
  readonly requests: number;
  readonly cpuUsPerRequest: number;
  readonly requestsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly treeRssMiB: number;
  readonly workerRssMiB: number;
}

const scripts = join(import.meta.dirname, 'wrk');

/** Sends load for some seconds. Throws when a request failed: such a figure would mean nothing. */
export async function runWrk(spec: LoadSpec, seconds: number, core: number): Promise<WrkResult> {
  const script = join(scripts, spec.spread === null ? 'report.lua' : 'spread.lua');
  const words = ['-c', String(core), 'wrk', '-t1', `-c${spec.connections}`, `-d${seconds}s`, '-s', script];
  if (spec.host !== null) words.push('-H', `Host: ${spec.host}`);
  words.push(spec.url, ...(spec.spread === null ? [] : ['--', ...spec.spread]));
  const child = spawn('taskset', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  await once(child, 'close');
  const line = /^RESULT (.*)$/m.exec(output)?.[1];
  if (line === undefined) throw new Error(`wrk ${spec.url} printed no result:\n${output}`);
  const result = JSON.parse(line) as WrkResult;
  const failed = result.refused + result.broken + result.timeouts + result.badStatus;
  if (failed > 0 || result.requests === 0) throw new Error(`wrk ${spec.url}: requests failed: ${line}`);
  return result;
}

/** Measures one window. `root` is the proxy's first process. */
export async function measureLoad(
  root: number,
  spec: LoadSpec,
  cores: Cores,
  seconds: number,
): Promise<LoadSample> {
  const watch = new CoreWatch(cores.proxy);
  const cpuBefore = readTreeCpuSeconds(root);
  const result = await runWrk(spec, seconds, cores.load);
  const cpuSeconds = readTreeCpuSeconds(root) - cpuBefore;
  const shares = watch.end(cpuSeconds);
  return {
    requests: result.requests,
    cpuUsPerRequest: (cpuSeconds * 1e6) / result.requests,
    requestsPerSecond: (result.requests * 1e6) / result.durationUs,
    p50Us: result.p50Us,
    p99Us: result.p99Us,
    treeRssMiB: readTreeRssMiB(root),
    workerRssMiB: readRssMiB(findWorker(root)),
    ...shares,
  };
}
