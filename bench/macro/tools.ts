// Sees to it that the other proxies and the load generator are there: installs what is missing from Debian, without letting
// any package start a service, or says how to install it.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';

/** Command → Debian package. */
const needed: ReadonlyMap<string, string> = new Map([
  ['nginx', 'nginx'],
  ['haproxy', 'haproxy'],
  ['caddy', 'caddy'],
  ['wrk', 'wrk'],
  ['h2load', 'nghttp2-client'],
  ['go', 'golang-go'],
  ['taskset', 'util-linux'],
]);

/** Packages that start a service ask this script first (invoke-rc.d(8)); 101 is "not allowed". */
const policyPath = '/usr/sbin/policy-rc.d';
const denyAll = '#!/bin/sh\nexit 101\n';

/** sbin is not on every user's PATH, but nginx and haproxy live there. */
const searchPath = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;

function hasCommand(name: string): boolean {
  return searchPath.split(':').some((folder) => folder !== '' && existsSync(`${folder}/${name}`));
}

function runApt(words: readonly string[]): boolean {
  console.log(`  $ apt-get ${words.join(' ')}`);
  const run = spawnSync('apt-get', [...words], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  });
  if (run.status !== 0) console.log(`${run.stdout ?? ''}${run.stderr ?? ''}`.trimEnd());
  return run.status === 0;
}

/** Runs `action` while no package may start a service. A policy that is already there is left alone. */
function withoutServices<T>(action: () => T): T {
  if (existsSync(policyPath)) return action();
  writeFileSync(policyPath, denyAll);
  chmodSync(policyPath, 0o755);
  try {
    return action();
  } finally {
    rmSync(policyPath, { force: true });
  }
}

/** Throws an Error that says what to do when something is missing and cannot be installed. */
export function ensureTools(): void {
  process.env['PATH'] = searchPath;
  const missing = [...needed].filter(([command]) => !hasCommand(command));
  if (missing.length === 0) {
    console.log(`Tools: ${[...needed.keys()].join(', ')} are there`);
    return;
  }
  const commands = missing.map(([command]) => command).join(', ');
  const packages = missing.map(([, name]) => name);
  const advice = `install ${commands}; on Debian, as root: apt-get update && apt-get install ${packages.join(' ')}`;
  if (!hasCommand('apt-get')) throw new Error(`Missing: ${commands}. There is no apt-get here: ${advice}`);
  if (process.getuid?.() !== 0) throw new Error(`Missing: ${commands}. Not running as root: ${advice}`);
  console.log(`Tools: installing ${packages.join(', ')} (their services are not started)`);
  const install = ['install', '-y', '--no-install-recommends', ...packages];
  const isInstalled = withoutServices(() => runApt(install) || (runApt(['update']) && runApt(install)));
  const left = missing.filter(([command]) => !hasCommand(command));
  if (!isInstalled || left.length > 0) throw new Error(`apt-get could not install ${commands}: ${advice}`);
}

/** The first version number that a command prints about itself. */
export function readToolVersion(command: string, ...words: readonly string[]): string {
  const run = spawnSync(command, words, { encoding: 'utf8' });
  return /\d+\.\d+(?:\.\d+)?/.exec(`${run.stdout ?? ''}${run.stderr ?? ''}`)?.[0] ?? 'unknown';
}
