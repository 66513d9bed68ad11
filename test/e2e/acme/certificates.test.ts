// Automatic certificates from end to end: `sallyport up` with Ingresses in files, and Pebble as the authority, which refuses a quarter
// of all nonces. A certificate is ordered, served, renewed and kept over a restart; a host that is not ours fails on its own.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { findFreePort, startUp, type UpProcess } from '../../cli/up-process.ts';
import { type Pebble, type PebbleOptions, startPebble } from './pebble.ts';
import { servedCertificate } from './served-certificate.ts';

function renderIngress(name: string, hosts: readonly string[]): string {
  const rules = hosts.map((host) => `    - host: ${host}\n`).join('');
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: ${name}, annotations: { sallyport.dev/acme: "true" } }
spec:
  tls: [{ hosts: [${hosts.join(', ')}], secretName: ${name}-tls }]
  rules:
${rules}`;
}

interface Scene {
  readonly pebble: Pebble;
  /** With the Ingresses that were added meanwhile. */
  readonly start: () => Promise<UpProcess>;
  readonly add: (name: string, hosts: readonly string[]) => void;
  readonly httpsPort: number;
}

async function setUp(
  t: TestContext,
  ingresses: Readonly<Record<string, readonly string[]>>,
  options: Partial<PebbleOptions> = {},
  moreFlags: readonly string[] = [],
): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-acme-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [httpPort, httpsPort] = [await findFreePort(), await findFreePort()];
  const pebble = await startPebble(t, { httpPort, httpsPort, ...options });
  const flags = ['--http-port', `${httpPort}`, '--https-port', `${httpsPort}`, '--data-dir', folder];
  flags.push('--acme-agree-tos', '--acme-email', 'ops@shop.test', '--acme-directory', pebble.directoryUrl);
  flags.push('--acme-ca-file', pebble.authorityPath, ...moreFlags);
  const manifests = Object.fromEntries(
    Object.entries(ingresses).map(([name, hosts]) => [`${name}.yaml`, renderIngress(name, hosts)]),
  );
  const start = async (): Promise<UpProcess> => {
    for (;;) {
      const up = await startUp({ manifests, flags });
      t.after(up.remove);
      const isReady = up.waitFor(/is ready/).then(() => true);
      if (await isReady.catch(() => false)) return up;
      // A port that was free a moment ago may have become that of a connection.
      assert.match(up.output(), /the port is in use by another process/);
    }
  };
  const add = (name: string, hosts: readonly string[]): void => {
    manifests[`${name}.yaml`] = renderIngress(name, hosts);
  };
  return { pebble, start, add, httpsPort };
}

/** What is served once a certificate of the authority is. */
async function served(scene: Scene, host: string, other = ''): Promise<string> {
  return await servedCertificate(scene.httpsPort, host, await scene.pebble.readRoot(), other);
}

test('a certificate is ordered by HTTP-01, served, and kept over a restart; a host that fails disturbs no other', async (t) => {
  const scene = await setUp(t, { shop: ['shop.test', 'www.shop.test'], bad: ['bad.test'] });
  const first = await scene.start();
  await first.waitFor(/the certificate for "shop\.test", "www\.shop\.test" is in Secret "default\/shop-tls"/);
  await first.waitFor(/no certificate for Secret "default\/bad-tls" yet: bad\.test: /);
  const fingerprint = await served(scene, 'shop.test');
  assert.equal(await served(scene, 'www.shop.test'), fingerprint);
  first.child.kill('SIGTERM');
  assert.equal(await first.ended, 0);
  scene.add('later', ['later.test']);
  const second = await scene.start();
  await second.waitFor(/the certificate for "later\.test" is in Secret/);
  assert.equal(await served(scene, 'shop.test'), fingerprint);
  assert.doesNotMatch(second.output(), /orders a certificate for "(?:shop|bad)\.test"/);
});

test('a host that fails does not keep the other hosts of its Secret from their certificate', async (t) => {
  const scene = await setUp(t, { mixed: ['bad.test', 'good.test'] });
  const up = await scene.start();
  await up.waitFor(/the certificate for "good\.test" is in Secret "default\/mixed-tls"/);
  await served(scene, 'good.test');
});

test('a certificate is renewed when two thirds of its life are over', async (t) => {
  const scene = await setUp(t, { shop: ['shop.test'] }, { validitySeconds: 20 });
  const up = await scene.start();
  await up.waitFor(/the certificate for "shop\.test" is in Secret/);
  const fingerprint = await served(scene, 'shop.test');
  await up.waitFor(/(?:the certificate for "shop\.test" is in Secret[^]*){2}/);
  await served(scene, 'shop.test', fingerprint);
});

test('a certificate is ordered by TLS-ALPN-01, by an account that the authority has to know', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-eab-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const key = Buffer.alloc(32, 7).toString('base64url');
  writeFileSync(join(folder, 'key'), `${key}\n`);
  const flags = ['--acme-challenge', 'tls-alpn-01', '--acme-eab-key-id', 'kid-1'];
  flags.push('--acme-eab-key-file', join(folder, 'key'));
  const scene = await setUp(t, { shop: ['shop.test'] }, { externalAccount: ['kid-1', key] }, flags);
  const up = await scene.start();
  await up.waitFor(/the certificate for "shop\.test" is in Secret/);
  await served(scene, 'shop.test');
});
