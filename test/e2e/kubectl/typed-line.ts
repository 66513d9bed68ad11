// One line of bash as it runs: its output so far, its end. It is the first of a process group, so that what it started ends with it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const lineTimeoutMs = 30_000;

export interface TypedLine {
  /** Standard output and error so far. */
  readonly output: () => string;
  /** Resolves once the output matches; rejects when the line ends before. */
  readonly waitFor: (pattern: RegExp) => Promise<void>;
  /** The whole output, and `[exit N]` unless 0. */
  readonly ended: Promise<string>;
  /** As Ctrl-C does. */
  readonly stop: () => void;
}

/** It is ended after half a minute. */
export function typeLine(line: string, cwd: string, env: Readonly<Record<string, string>>): TypedLine {
  const child = spawn('bash', ['-c', `exec 2>&1; set -o pipefail; ${line}`], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const kill = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-(child.pid ?? 0), signal);
    } catch {
      // It ended by itself.
    }
  };
  const timer = setTimeout(() => kill('SIGKILL'), lineTimeoutMs);
  let output = '';
  const checks = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    for (const check of checks) check();
  });
  const ended = once(child, 'close').then(([code, signal]: (string | number | null)[]) => {
    clearTimeout(timer);
    const ending = code === 0 ? '' : `[exit ${code ?? signal}]`;
    return [output.trimEnd(), ending].filter((part) => part !== '').join('\n');
  });
  const waitFor = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (!pattern.test(output)) return;
        checks.delete(check);
        resolve();
      };
      checks.add(check);
      check();
      void ended.then((text) => reject(new Error(`"${line}" ended before ${String(pattern)}:\n${text}`)));
    });
  return { output: () => output, waitFor, ended, stop: () => kill('SIGINT') };
}
