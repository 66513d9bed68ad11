#!/usr/bin/env node
// The command's entry: checks the runtime, then runs the compiled program, or the sources in a checkout.
import { existsSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const neededMajor = 24;
const root = new URL('../', import.meta.url);
const entry = [new URL('src/main.ts', root), new URL('dist/main.js', root)].find((url) => existsSync(url));
const pinned = fileURLToPath(new URL('node_modules/node/bin/node', root));

if (Number.parseInt(process.versions.node, 10) >= neededMajor) {
  if (entry === undefined)
    throw new Error('sallyport: neither dist/main.js nor src/main.ts is there; reinstall the package');
  const { main } = await import(entry.href);
  await main(process.argv.slice(2));
} else if (existsSync(pinned)) {
  // A checkout started by an older Node (for example `./bin/sallyport.js`) uses the runtime of its lockfile.
  const run = spawnSync(pinned, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exitCode = run.status ?? 1;
} else {
  process.stderr.write(
    `sallyport: Node.js ${neededMajor} or later is needed, this is ${process.versions.node} (${process.execPath})\n`,
  );
  process.exitCode = 1;
}
