// Compiles src/ into dist/, the JavaScript that the package carries. Starts from an empty dist/. Tests and fixtures are left
// out by tsconfig.build.json.
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
const tsc = spawnSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
  { cwd: root, stdio: 'inherit' },
);
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

// What is left would only fail at run time: a file named with its TypeScript ending outside an import.
const leftovers = globSync('**/*.js', { cwd: dist }).filter((file) =>
  /new URL\(\s*['"][^'"]*\.ts['"]/.test(readFileSync(join(dist, file), 'utf8')),
);
for (const file of leftovers) console.error(`dist/${file}: names a .ts file, which dist/ does not have`);
process.exitCode = leftovers.length === 0 ? 0 : 1;
