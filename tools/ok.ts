// The gate: format, types, lint, import direction, sizes, generated documents and manifests, tests. One line per step, output of failures only.
import { spawnSync } from 'node:child_process';

const steps: readonly (readonly [string, string])[] = [
  ['format', 'check:format'],
  ['types', 'check:types'],
  ['lint', 'check:lint'],
  ['imports', 'check:imports'],
  ['sizes', 'check:sizes'],
  ['lockfile', 'check:lockfile'],
  ['documents', 'check:docs'],
  ['manifests', 'check:deploy'],
  ['tests', 'test'],
];

let failed = 0;
for (const [name, script] of steps) {
  const startedAt = performance.now();
  const isLast = name === 'tests';
  const run = spawnSync('npm', ['run', '--silent', script], {
    encoding: 'utf8',
    stdio: isLast ? 'inherit' : 'pipe',
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (run.status !== 0) {
    failed += 1;
    process.stdout.write(`${run.stdout ?? ''}${run.stderr ?? ''}`);
  }
  console.log(`${run.status === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
}
process.exitCode = failed === 0 ? 0 : 1;
