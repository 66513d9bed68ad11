// Writes deploy/manifests anew from the chart. With --check it writes nothing and fails when a file differs from what it would
// write, or is there without reason.
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { manifestsFolder, renderManifestFiles } from './deploy/manifests.ts';

const isCheck = process.argv.includes('--check');
const files = renderManifestFiles();
const present = globSync(['base/**/*.yaml', 'overlays/**/*.yaml'], { cwd: manifestsFolder });
let differences = 0;

for (const [name, text] of files) {
  const path = join(manifestsFolder, name);
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
  differences += 1;
  if (isCheck) {
    console.error(`deploy/manifests/${name} is not what the chart gives; run npm run deploy:render`);
    continue;
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
for (const name of present.filter((file) => !files.has(file))) {
  differences += 1;
  if (isCheck) console.error(`deploy/manifests/${name} is not made by the chart; run npm run deploy:render`);
  else rmSync(join(manifestsFolder, name));
}
console.log(`manifests: ${files.size} files, ${differences} ${isCheck ? 'errors' : 'written or removed'}`);
process.exitCode = isCheck && differences > 0 ? 1 : 0;
