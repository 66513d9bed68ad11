// Runs the test suites with Node's runner: all of them, or those whose path holds one of the given words.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { ensureHelm } from './ensure-helm.ts';
import { ensureKustomize } from './ensure-kustomize.ts';

const words = process.argv.slice(2);
const files = [...globSync('src/**/*.test.ts'), ...globSync('test/**/*.test.ts')]
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort();
if (files.length === 0) {
  console.error(`no test file matches ${words.join(' ')}`);
  process.exit(1);
}
// Building a tool takes longer than a test may.
if (files.some((file) => file.startsWith('test/deploy/'))) {
  ensureHelm();
  ensureKustomize();
}
/** For one test, and for all tests of one file: against tests that hang, not a bound on speed. */
const timeoutMs = 300_000;
/** Node leaves one processor idle, which of two is half of the machine. */
const concurrency = availableParallelism();
const run = spawnSync(
  process.execPath,
  [
    '--test',
    '--test-reporter=spec',
    `--test-timeout=${timeoutMs}`,
    `--test-concurrency=${concurrency}`,
    ...files,
  ],
  { stdio: 'inherit' },
);
process.exit(run.status ?? 1);
