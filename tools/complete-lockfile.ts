// Completes package-lock.json after an `npm install` through a registry mirror that lists no packages of other platforms: npm then
// leaves their entries out, and `npm ci` refuses the lockfile as incomplete. Adds the missing optional entries (version and
// platform, as far as the name tells); `--check` only tells whether some are missing.
import { readFileSync, writeFileSync } from 'node:fs';

interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const systems = [
  'android',
  'darwin',
  'linux',
  'win32',
  'freebsd',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'aix',
];
const processors = ['arm64', 'x64', 'ia32', 'arm', 'riscv64', 'ppc64', 's390x', 'loong64', 'mips64el'];

/** `os`, `cpu` and `libc` of a package such as `@biomejs/cli-linux-x64-musl`. */
function platformOf(name: string): Record<string, string[]> {
  const words = name.split('/').at(-1)?.split('-') ?? [];
  const find = (known: readonly string[]): string | undefined => known.find((word) => words.includes(word));
  const [os, cpu] = [find(systems), find(processors)];
  const libc = words.includes('musl') ? 'musl' : words.includes('gnu') ? 'glibc' : undefined;
  return {
    ...(cpu !== undefined && { cpu: [cpu] }),
    ...(libc !== undefined && { libc: [libc] }),
    ...(os !== undefined && { os: [os] }),
  };
}

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, LockEntry> };
const added: string[] = [];
for (const entry of Object.values(lock.packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    if (lock.packages[key] !== undefined) continue;
    const version = range.replace(/^[\^~]/, '');
    lock.packages[key] = {
      version,
      ...(entry.dev === true && { dev: true }),
      optional: true,
      ...platformOf(name),
    } as LockEntry;
    added.push(`${name}@${version}`);
  }
}
if (process.argv.includes('--check')) {
  for (const name of added)
    console.error(`package-lock.json lacks ${name}; run \`node tools/complete-lockfile.ts\``);
  process.exitCode = added.length === 0 ? 0 : 1;
} else if (added.length > 0) {
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
  lock.packages = Object.fromEntries(sorted);
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`added ${added.length} entries`);
}
