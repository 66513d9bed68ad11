// Finds the kubectls that the end-to-end tests drive: Debian's package (fetched once, unpacked below node_modules/.cache, nothing is
// installed), and the kubectl on the PATH where it is newer. SALLYPORT_KUBECTLS=path:path names more. Run by itself it lists them.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';

export interface Kubectl {
  readonly path: string;
  /** Of version 1.N. */
  readonly minor: number;
}

const cacheFolder = resolve(import.meta.dirname, '../node_modules/.cache/sallyport-tools');
const debianKubectl = join(cacheFolder, 'kubernetes-client', 'usr/bin/kubectl');

/** Fetches the package of this Debian release. The folder appears whole or not at all; several processes may ask at once. */
const fetchScript = `
set -eu
test ! -e kubernetes-client || exit 0
rm -rf fetched && mkdir fetched && cd fetched
apt-get download -q kubernetes-client || { apt-get update -q; apt-get download -q kubernetes-client; }
dpkg-deb -x kubernetes-client_*.deb root
mv root ../kubernetes-client
cd .. && rm -rf fetched
`;

/** The unpacked kubectl, or why there is none. */
function ensureDebianKubectl(): string | { readonly missing: string } {
  if (existsSync(debianKubectl)) return debianKubectl;
  mkdirSync(cacheFolder, { recursive: true });
  const fetched = spawnSync('flock', ['kubernetes-client.lock', 'bash', '-c', fetchScript], {
    cwd: cacheFolder,
    encoding: 'utf8',
    timeout: 300_000,
  });
  if (existsSync(debianKubectl)) return debianKubectl;
  return { missing: fetched.error?.message ?? `${fetched.stdout}${fetched.stderr}` };
}

/** The kubectl on the PATH. Google's is a front that starts one of its neighbours: then the newest of those. */
function findInstalledKubectl(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders.map((folder) => join(folder, 'kubectl')).find((path) => existsSync(path));
  if (found === undefined) return undefined;
  const real = realpathSync(found);
  const neighbours = readdirSync(dirname(real)).filter((name) => /^kubectl\.1\.\d+$/.test(name));
  const newest = neighbours.sort((a, b) => Number(b.slice(10)) - Number(a.slice(10)))[0];
  return newest === undefined ? real : join(dirname(real), newest);
}

/** What a kubectl says of itself; undefined when it does not run. */
function readVersion(path: string): Kubectl | undefined {
  try {
    const text = execFileSync(path, ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
    const said = JSON.parse(text) as { clientVersion: { minor: string } };
    return { path, minor: Number.parseInt(said.clientVersion.minor, 10) };
  } catch {
    return undefined;
  }
}

/** All of them, oldest first, one of each version. Throws when there is none. */
export function ensureKubectls(): readonly Kubectl[] {
  const debian = ensureDebianKubectl();
  const named = (process.env['SALLYPORT_KUBECTLS'] ?? '').split(delimiter).filter((path) => path !== '');
  const first = typeof debian === 'string' ? readVersion(debian) : undefined;
  const installed = findInstalledKubectl();
  const second = installed === undefined ? undefined : readVersion(installed);
  const found = new Map<number, Kubectl>();
  if (first !== undefined) found.set(first.minor, first);
  if (second !== undefined && second.minor > (first?.minor ?? 0)) found.set(second.minor, second);
  for (const path of named) {
    const kubectl = readVersion(path);
    if (kubectl === undefined) throw new Error(`SALLYPORT_KUBECTLS: "${path}" does not run as kubectl`);
    found.set(kubectl.minor, kubectl);
  }
  if (found.size === 0) {
    const reason = typeof debian === 'string' ? `"${debian}" does not run` : debian.missing;
    throw new Error(`no kubectl: none on the PATH, and fetching Debian's failed: ${reason}`);
  }
  return [...found.values()].sort((a, b) => a.minor - b.minor);
}

if (import.meta.main) {
  for (const { path, minor } of ensureKubectls()) console.log(`kubectl 1.${minor}  ${path}`);
}
