// Starts programs pinned to a core and ends them. Whatever still runs when the benchmark ends, by whatever way, is killed by
// its id.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { readTree } from './process-tree.ts';

const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const { pid } of running) if (pid !== undefined) killTree(pid);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

function killTree(root: number): void {
  for (const { pid } of readTree(root)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended in the meantime.
    }
  }
}

export interface ProgramSpec {
  readonly core: number;
  readonly command: string;
  readonly words: readonly string[];
  /** Files that take standard output and standard error. */
  readonly outputPath: string;
  readonly errorPath: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Program {
  /** The program itself: taskset becomes it. */
  readonly pid: number;
  readonly hasEnded: () => boolean;
  /** The end of what it wrote to standard error. */
  readonly complaints: () => string;
  /** SIGTERM, and SIGKILL for the whole tree ten seconds later. */
  stop(): Promise<void>;
  /** SIGKILL for the whole tree: a crash of the machine. */
  crash(): Promise<void>;
}

export function startProgram(spec: ProgramSpec): Program {
  const output = openSync(spec.outputPath, 'a');
  const errors = openSync(spec.errorPath, 'a');
  const child = spawn('taskset', ['-c', String(spec.core), spec.command, ...spec.words], {
    stdio: ['ignore', output, errors],
    env: { ...process.env, ...spec.environment },
  });
  closeSync(output);
  closeSync(errors);
  running.add(child);
  const ended = new Promise<void>((resolve) => {
    const finish = (): void => {
      running.delete(child);
      resolve();
    };
    child.once('exit', finish);
    child.once('error', finish);
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`Cannot start "${spec.command}"`);
  return {
    pid,
    hasEnded: () => !running.has(child),
    complaints: () => readFileSync(spec.errorPath, 'utf8').slice(-2_000).trimEnd(),
    async stop() {
      if (!running.has(child)) return;
      child.kill('SIGTERM');
      const killer = setTimeout(() => killTree(pid), 10_000);
      await ended;
      clearTimeout(killer);
    },
    async crash() {
      killTree(pid);
      await ended;
    },
  };
}

/** Stops the program when the action fails: what does not answer rightly must not run on beside the others. */
export async function orStop<T>(program: Program, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    await program.stop();
    throw error;
  }
}

/** Runs a program to its end; returns what it wrote to standard output, whatever its status. */
export async function runOnCore(
  core: number,
  command: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn('taskset', ['-c', String(core), command, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  await once(child, 'close');
  return output;
}

/** Polls until `isReady` holds. Rejects when the program ends first, or after `timeoutMs`. */
export async function waitUntil(
  program: Program,
  isReady: () => Promise<boolean>,
  what: string,
  { timeoutMs = 120_000, pollMs = 10 }: { timeoutMs?: number; pollMs?: number } = {},
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await isReady())) {
    if (program.hasEnded()) throw new Error(`${what} ended before it was ready:\n${program.complaints()}`);
    if (performance.now() > deadline)
      throw new Error(`${what} was not ready after ${timeoutMs / 1_000} s:\n${program.complaints()}`);
    await pause(pollMs);
  }
}

/** Ports that nobody listens on at the moment. */
export async function findFreePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
