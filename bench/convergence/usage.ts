// CPU time and memory of Sallyport's processes, the primary (API server, controller) apart from the workers (proxy).
import { readRssMiB, readTree } from '../macro/process-tree.ts';

export interface Usage {
  readonly atMs: number;
  readonly primaryCpuSeconds: number;
  readonly workerCpuSeconds: number;
  readonly primaryRssMiB: number;
  /** Of all workers together; one here. */
  readonly workerRssMiB: number;
}

/** `root`: the primary. */
export function readUsage(root: number): Usage {
  const sum = { primaryCpuSeconds: 0, workerCpuSeconds: 0, primaryRssMiB: 0, workerRssMiB: 0 };
  for (const { pid, cpuSeconds } of readTree(root)) {
    const rssMiB = readRssMiB(pid);
    if (pid === root) {
      sum.primaryCpuSeconds += cpuSeconds;
      sum.primaryRssMiB += rssMiB;
    } else {
      sum.workerCpuSeconds += cpuSeconds;
      sum.workerRssMiB += rssMiB;
    }
  }
  return { atMs: performance.now(), ...sum };
}

/** What was used between two looks. Shares of one core, 0 to 1; memory at the end. */
export interface UsageShares {
  readonly seconds: number;
  readonly primaryShare: number;
  readonly workerShare: number;
  readonly primaryRssMiB: number;
  readonly workerRssMiB: number;
}

export function compareUsage(before: Usage, after: Usage): UsageShares {
  const seconds = (after.atMs - before.atMs) / 1_000;
  return {
    seconds,
    primaryShare: (after.primaryCpuSeconds - before.primaryCpuSeconds) / seconds,
    workerShare: (after.workerCpuSeconds - before.workerCpuSeconds) / seconds,
    primaryRssMiB: after.primaryRssMiB,
    workerRssMiB: after.workerRssMiB,
  };
}
