// CPU time and memory of a process and all its descendants, and of a core, from /proc (proc_pid_stat(5), proc_stat(5)).
// Times in seconds; the clock tick of /proc is 1/100 s on every Linux that Node runs on.
import { readFileSync, readdirSync } from 'node:fs';

const ticksPerSecond = 100;
const mebibyte = 1_048_576;

interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  /** User and system time, of ended and awaited children too. */
  readonly cpuSeconds: number;
}

function readProcess(pid: number): ProcessFacts | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command's name, in parentheses, may hold anything; the fields behind it start with the third.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const field = (number: number): number => Number(fields[number - 3]);
    const ticks = field(14) + field(15) + field(16) + field(17);
    return { pid, parent: field(4), cpuSeconds: ticks / ticksPerSecond };
  } catch {
    return null; // It has just ended.
  }
}

/** The process and its descendants that live now. */
export function readTree(root: number): ProcessFacts[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
  const members = new Set([root]);
  for (let size = 0; size !== members.size; ) {
    size = members.size;
    for (const { pid, parent } of all) if (members.has(parent)) members.add(pid);
  }
  return all.filter(({ pid }) => members.has(pid));
}

/** User and system time of a tree so far. */
export function readTreeCpuSeconds(root: number): number {
  return readTree(root).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

/** The member without children that has worked most: the one that carries the traffic. */
export function findWorker(root: number): number {
  const tree = readTree(root);
  const parents = new Set(tree.map(({ parent }) => parent));
  const leaves = tree.filter(({ pid }) => !parents.has(pid)).toSorted((a, b) => b.cpuSeconds - a.cpuSeconds);
  return leaves[0]?.pid ?? root;
}

function readStatusMiB(pid: number, key: 'VmRSS' | 'VmHWM'): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const kibibytes = Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
    return (kibibytes * 1_024) / mebibyte;
  } catch {
    return 0;
  }
}

/** Resident memory of one process, in MiB. */
export function readRssMiB(pid: number): number {
  return readStatusMiB(pid, 'VmRSS');
}

/** The most that was ever resident. */
export function readPeakRssMiB(pid: number): number {
  return readStatusMiB(pid, 'VmHWM');
}

/** The sum over a tree; pages that processes share count in each. */
export function readTreeRssMiB(root: number): number {
  return readTree(root).reduce((sum, { pid }) => sum + readRssMiB(pid), 0);
}

export interface CoreTimes {
  readonly busySeconds: number;
  /** Taken by the hypervisor for other guests. */
  readonly stealSeconds: number;
}

/** What a core has done since boot, for all processes together. */
export function readCoreTimes(core: number): CoreTimes {
  const line = readFileSync('/proc/stat', 'latin1')
    .split('\n')
    .find((each) => each.startsWith(`cpu${core} `));
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = (line ?? '')
    .split(' ')
    .slice(1)
    .map((ticks) => Number(ticks) / ticksPerSecond);
  return { busySeconds: user + nice + system + irq + softIrq, stealSeconds: steal };
}
