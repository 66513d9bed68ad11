// The machine and the versions, for the report: a figure without them says nothing.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { projectRoot, readNodeVersion } from './sallyport.ts';
import { readToolVersion } from './tools.ts';

export interface MachineFacts {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly system: string;
  /** Short commit id, with a mark when files differ from it; `unknown` outside a checkout. */
  readonly commit: string;
  readonly versions: Readonly<Record<string, string>>;
}

function readSystem(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

export function readCommit(root: string): string {
  try {
    const git = (...words: string[]): string =>
      execFileSync('git', ['-C', root, ...words], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    const isChanged = git('status', '--porcelain', '--', 'src', 'bin', 'package-lock.json') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? ' and uncommitted changes' : ''}`;
  } catch {
    return 'unknown';
  }
}

export function readMachineFacts(): MachineFacts {
  const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    system: readSystem(),
    commit: readCommit(projectRoot),
    versions: {
      Sallyport: manifest.version,
      'Node.js': readNodeVersion(projectRoot),
      nginx: readToolVersion('nginx', '-v'),
      HAProxy: readToolVersion('haproxy', '-v'),
      Caddy: readToolVersion('caddy', 'version'),
      wrk: readToolVersion('wrk', '-v'),
      h2load: readToolVersion('h2load', '--version'),
      Go: readToolVersion('go', 'version'),
    },
  };
}
