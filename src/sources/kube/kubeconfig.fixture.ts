// Kubeconfigs for tests, written into a home folder of their own.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { createSelfSigned } from '../../cli/self-signed.ts';
import { type KubeconfigOptions, loadKubeconfig } from './load-kubeconfig.ts';

export const pair = createSelfSigned({
  commonName: 'test',
  dnsNames: ['test'],
  notBefore: new Date('2020-01-01'),
  notAfter: new Date('2099-01-01'),
});
export const other = createSelfSigned({
  commonName: 'other',
  dnsNames: ['other'],
  notBefore: new Date('2020-01-01'),
  notAfter: new Date('2099-01-01'),
});
export const base64 = (text: string): string => Buffer.from(text).toString('base64');
/** What must never be shown. */
export const secret = 'hunter2-hunter2';

interface Parts {
  readonly cluster?: string;
  readonly user?: string;
  readonly context?: string;
  readonly rest?: string;
}

/** A kubeconfig with one context `c`; members in flow style. */
export function config({
  cluster = '',
  user = '',
  context = '',
  rest = 'current-context: c',
}: Parts): string {
  return `apiVersion: v1
kind: Config
clusters: [{name: k, cluster: {${cluster === '' ? 'server: "https://k:6443"' : cluster}}}]
users: [{name: u, user: {${user}}}]
contexts: [{name: c, context: {cluster: k, user: u${context}}}]
${rest}
`;
}

/** Writes the files under a new home folder and loads from there. */
export function load(
  test: TestContext,
  files: Readonly<Record<string, string>>,
  options: Partial<KubeconfigOptions> = {},
): { home: string; connect: () => ReturnType<typeof loadKubeconfig> } {
  const home = mkdtempSync(join(tmpdir(), 'sallyport-kubeconfig-'));
  test.after(() => rmSync(home, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
  }
  const env = Object.fromEntries(
    Object.entries(options.env ?? {}).map(([name, value]) => [name, value?.replaceAll('HOME', home)]),
  );
  const path = options.path === undefined ? {} : { path: join(home, options.path) };
  const serviceAccountDir = join(home, 'account');
  return {
    home,
    connect: () => loadKubeconfig({ serviceAccountDir, homeDir: home, ...options, ...path, env }),
  };
}
