// The load generator in client/, for what wrk and h2load cannot send. Built once in a run, with nothing but Go's own library.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Load, LoadCount } from './load.ts';
import { runOnCore } from './processes.ts';
import { readResultLine } from './result-line.ts';

const sources = join(import.meta.dirname, 'client');

/** Returns the path of the program, which lies in `folder`. */
export function buildClient(folder: string): string {
  const path = join(folder, 'bench-client');
  const run = spawnSync('go', ['build', '-o', path, '.'], {
    cwd: sources,
    encoding: 'utf8',
    env: { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '', GOWORK: 'off' },
  });
  if (run.status !== 0) throw new Error(`go build in ${sources}: ${run.error?.message ?? run.stderr.trim()}`);
  return path;
}

/** `words`: a command of the client and its flags, without the duration. */
export function clientLoad(program: string, words: readonly string[]): Load {
  return {
    async run(seconds, core) {
      const output = await runOnCore(core, program, [...words, '-duration', `${seconds}s`], {
        GOMAXPROCS: '1',
      });
      return readResultLine(`bench-client ${words.join(' ')}`, output) as LoadCount;
    },
  };
}
