// Accounts for what load costs a proxy: the CPU time of its process tree between the start and the end of a load generator,
// divided by what that has counted.
import { CoreWatch, type CoreShares } from './core-watch.ts';
import type { Cores } from './cores.ts';
import { findWorker, readRssMiB, readTreeCpuSeconds, readTreeRssMiB } from './process-tree.ts';

/** What a load generator has counted. Percentiles are NaN where it tells none. */
export interface LoadCount {
  /** Or handshakes, calls, messages. */
  readonly requests: number;
  readonly durationUs: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** A load generator and where it sends to. */
export interface Load {
  /** Sends for some seconds, from that core. Throws when anything failed: such a figure would mean nothing. */
  run(seconds: number, core: number): Promise<LoadCount>;
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

/** Measures one window. `root` is the proxy's first process. */
export async function measureLoad(
  root: number,
  load: Load,
  cores: Cores,
  seconds: number,
): Promise<LoadSample> {
  const watch = new CoreWatch(cores.proxy);
  const cpuBefore = readTreeCpuSeconds(root);
  const count = await load.run(seconds, cores.load);
  const cpuSeconds = readTreeCpuSeconds(root) - cpuBefore;
  const shares = watch.end(cpuSeconds);
  return {
    requests: count.requests,
    cpuUsPerRequest: (cpuSeconds * 1e6) / count.requests,
    requestsPerSecond: (count.requests * 1e6) / count.durationUs,
    p50Us: count.p50Us,
    p99Us: count.p99Us,
    treeRssMiB: readTreeRssMiB(root),
    workerRssMiB: readRssMiB(findWorker(root)),
    ...shares,
  };
}
