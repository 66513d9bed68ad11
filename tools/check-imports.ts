// Keeps imports running one way: which folder of src/ may import which, and which node: modules the pure core may use.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Left may import right, nothing else. A folder may always import itself. See docs/design/architecture.md. */
const allowedFolders: Readonly<Record<string, readonly string[]>> = {
  std: [],
  model: ['std'],
  wire: ['std'],
  kube: ['std'],
  observe: ['std'],
  config: ['model', 'std'],
  table: ['wire', 'model', 'std'],
  features: ['kube', 'wire', 'model', 'std'],
  translate: ['features', 'kube', 'model', 'std'],
  sources: ['kube', 'model', 'std'],
  controller: ['sources', 'translate', 'features', 'kube', 'model', 'std', 'observe'],
  apiserver: ['kube', 'std', 'observe'],
  proxy: ['table', 'wire', 'features', 'model', 'std', 'observe'],
  cli: ['*'],
  'main.ts': ['*'],
};

/** The pure core: values in, values out. Only these built-in modules, and no package. */
const pureFolders = new Set(['std', 'model', 'wire', 'kube', 'table', 'features', 'translate']);
const pureBuiltins = new Map<string, ReadonlySet<string> | 'all'>([
  ['node:buffer', 'all'],
  // Of the sockets' module only what judges texts.
  ['node:net', new Set(['isIP', 'BlockList'])],
  ['node:util', 'all'],
]);
/** Exceptions, each with its reason. */
const allowedExceptions: Readonly<Record<string, string>> = {
  'translate/certificates.ts node:crypto':
    'parses X.509 and checks that key and certificate belong together; no randomness',
};

const root = resolve(import.meta.dirname, '..', 'src');

function* sourceFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sourceFiles(path);
    else if (entry.name.endsWith('.ts')) yield path;
  }
}

/** Tests, and what only tests are made of. tsconfig.build.json leaves both out. */
const testPattern = /\.(?:test|fixture)\.ts$/;

function topOf(path: string): string {
  return relative(root, path).split('/')[0] ?? '';
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s([^;'"]*?)from\s*['"]([^'"]+)['"]|import\s*\(?\s*['"]([^'"]+)['"]/g;

/** Whether everything that `clause` (what stands before `from`) takes out of a built-in module is pure. */
function isPureImport(target: string, clause: string): boolean {
  const names = pureBuiltins.get(target);
  if (names === undefined || names === 'all') return names === 'all';
  const list = /^(?:type\s+)?\{([^}]*)\}\s*$/.exec(clause)?.[1];
  if (list === undefined) return false;
  const taken = list.split(',').map((name) => name.trim().replace(/^type\s+/, ''));
  return taken.every((name) => name === '' || names.has(name.split(/\s/)[0] ?? ''));
}

function checkFile(file: string): string[] {
  const errors: string[] = [];
  const from = topOf(file);
  const name = relative(root, file);
  const isTest = testPattern.test(file);
  for (const match of readFileSync(file, 'utf8').matchAll(importPattern)) {
    const [, clause = '', named, dynamic] = match;
    const target = named ?? dynamic ?? '';
    if (target.startsWith('.')) {
      if (!isTest && testPattern.test(target))
        errors.push(`${name}: "${target}" is for tests, and not compiled into the package`);
      const to = topOf(resolve(dirname(file), target));
      const allowed = allowedFolders[from];
      if (allowed === undefined)
        errors.push(`${name}: folder "${from}" is not in the list of tools/check-imports.ts`);
      else if (to !== from && !allowed.includes('*') && !allowed.includes(to) && !isTest) {
        errors.push(`${name}: ${from}/ may not import ${to}/ ("${target}")`);
      }
      if (from === 'features' && to === 'features' && !isTest)
        errors.push(...checkFeatureImport(file, name, target));
    } else if (pureFolders.has(from) && !isTest) {
      if (!isPureImport(target, clause) && allowedExceptions[`${name} ${target}`] === undefined) {
        errors.push(
          `${name}: the pure core may not import ${clause.trim().replace(/\s+/g, ' ')} from "${target}"`,
        );
      }
    }
  }
  return errors;
}

/** A feature folder never imports another feature. */
function checkFeatureImport(file: string, name: string, target: string): string[] {
  const here = relative(join(root, 'features'), file).split('/');
  const there = relative(join(root, 'features'), resolve(dirname(file), target)).split('/');
  const crosses = here.length > 1 && there.length > 1 && here[0] !== there[0];
  return crosses ? [`${name}: a feature may not import another feature ("${target}")`] : [];
}

const errors: string[] = [];
let count = 0;
for (const file of sourceFiles(root)) {
  count += 1;
  errors.push(...checkFile(file));
}
for (const error of errors) console.error(error);
console.log(`imports: ${count} files, ${errors.length} errors`);
process.exitCode = errors.length === 0 ? 0 : 1;
