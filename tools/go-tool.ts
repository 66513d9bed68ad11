// Programs of others that are written in Go and wanted by tests: the one on the PATH if it will do, else built once, from the
// module proxy and at a pinned version, into node_modules/.cache/sallyport-tools.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface GoTool {
  /** As it is called, e.g. `helm`. */
  readonly name: string;
  /** What `go install` is given, without the version. */
  readonly package: string;
  readonly version: string;
  /** Words that make it say its version. */
  readonly versionWords: readonly string[];
  /** Whether this answer is that of a version that will do. */
  readonly isUsable: (answer: string) => boolean;
}

const cacheFolder = resolve(import.meta.dirname, '..', 'node_modules', '.cache', 'sallyport-tools');
const buildTimeoutMs = 600_000;
const pollMs = 200;

/** Path or name of the program. @throws {Error} it is not there and cannot be built. */
export function ensureGoTool(tool: GoTool): string {
  if (isUsable(tool, tool.name)) return tool.name;
  const path = join(cacheFolder, `${tool.name}-${tool.version}`);
  if (!existsSync(path)) buildOnce(tool, path);
  return path;
}

function isUsable({ versionWords, isUsable: judge }: GoTool, path: string): boolean {
  const run = spawnSync(path, versionWords, { encoding: 'utf8' });
  return run.status === 0 && judge(run.stdout.trim());
}

/** Several test processes may want it at the same time: one builds, the others wait. */
function buildOnce(tool: GoTool, path: string): void {
  mkdirSync(cacheFolder, { recursive: true });
  const lock = `${path}.lock`;
  while (!takeLock(lock)) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pollMs);
    if (existsSync(path)) return;
  }
  try {
    if (!existsSync(path)) build(tool, path);
  } finally {
    rmdirSync(lock);
  }
}

function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    // Whoever left it behind so long ago was killed.
    const madeMs = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - madeMs > buildTimeoutMs) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function build({ name, package: goPackage, version }: GoTool, path: string): void {
  const folder = mkdtempSync(`${path}.build-`);
  try {
    const run = spawnSync('go', ['install', `${goPackage}@${version}`], {
      encoding: 'utf8',
      env: { ...process.env, GOBIN: folder, CGO_ENABLED: '0' },
      timeout: buildTimeoutMs,
    });
    if (run.error !== undefined || run.status !== 0) {
      const reason = run.error?.message ?? run.stderr.trim();
      throw new Error(
        `${name} is not on the PATH in a version that will do, and cannot be built: go install ${goPackage}@${version}: ${reason}`,
      );
    }
    renameSync(join(folder, name), path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
