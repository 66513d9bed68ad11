// Finds Pebble, the ACME server for tests, that the end-to-end tests of automatic certificates run: Debian's package, fetched once and
// unpacked below node_modules/.cache; nothing is installed. SALLYPORT_PEBBLE=path names another. Run by itself it prints the path.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const cacheFolder = resolve(import.meta.dirname, '../node_modules/.cache/sallyport-tools');
const debianPebble = join(cacheFolder, 'pebble', 'usr/bin/pebble');

/** The folder appears whole or not at all; several processes may ask at once. */
const fetchScript = `
set -eu
test ! -e pebble || exit 0
rm -rf fetched-pebble && mkdir fetched-pebble && cd fetched-pebble
apt-get download -q pebble || { apt-get update -q; apt-get download -q pebble; }
dpkg-deb -x pebble_*.deb root
mv root ../pebble
cd .. && rm -rf fetched-pebble
`;

/** The path of the program. Throws when there is none. */
export function ensurePebble(): string {
  const named = process.env['SALLYPORT_PEBBLE'] ?? '';
  if (named !== '') return named;
  if (existsSync(debianPebble)) return debianPebble;
  mkdirSync(cacheFolder, { recursive: true });
  const fetched = spawnSync('flock', ['pebble.lock', 'bash', '-c', fetchScript], {
    cwd: cacheFolder,
    encoding: 'utf8',
    timeout: 300_000,
  });
  if (existsSync(debianPebble)) return debianPebble;
  const reason = fetched.error?.message ?? `${fetched.stdout}${fetched.stderr}`;
  throw new Error(`no Pebble: fetching Debian's failed: ${reason}`);
}

if (import.meta.main) console.log(ensurePebble());
