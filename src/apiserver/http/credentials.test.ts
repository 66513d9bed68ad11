import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { ensureApiCredentials } from './credentials.ts';
import { ensureKubeconfig, renderKubeconfig } from './kubeconfig.ts';

const root = mkdtempSync(join(tmpdir(), 'sallyport-pki-'));
after(() => rmSync(root, { recursive: true }));
let folders = 0;
function newFolder(): string {
  folders += 1;
  return join(root, String(folders));
}

const dayMs = 86_400_000;
const nowMs = Date.parse('2026-03-01T12:00:00Z');
const options = { hosts: ['10.1.2.3', 'ingress.example', 'fd00::1', 'münchen.example'], nowMs };

test('made once: a CA for ten years, a server certificate for every host, a token; all private', () => {
  const dataDir = newFolder();
  const made = ensureApiCredentials(dataDir, options);
  const authority = new X509Certificate(made.authority.certificatePem);
  const server = new X509Certificate(made.server.certificatePem);
  assert.ok(authority.ca && !server.ca);
  assert.equal(authority.validToDate.getTime(), nowMs + 3650 * dayMs);
  assert.ok(server.checkIssued(authority) && server.verify(authority.publicKey));
  for (const host of ['localhost', 'ingress.example', 'kubernetes.default.svc', 'xn--mnchen-3ya.example'])
    assert.equal(server.checkHost(host), host);
  for (const address of ['10.1.2.3', '127.0.0.1', '::1', 'fd00::1'])
    assert.equal(server.checkIP(address), address);
  assert.equal(server.checkHost('other.example'), undefined);
  assert.match(made.token, /^[\w-]{43}$/);
  assert.equal(statSync(join(dataDir, 'pki')).mode & 0o777, 0o700);
  for (const name of ['ca.pem', 'server.pem', 'token'])
    assert.equal(statSync(join(dataDir, 'pki', name)).mode & 0o777, 0o600, name);
  assert.equal(readFileSync(join(dataDir, 'pki', 'ca.crt'), 'utf8'), made.authority.certificatePem);
  assert.deepEqual(readdirSync(join(dataDir, 'pki')).sort(), ['ca.crt', 'ca.pem', 'server.pem', 'token']);
  assert.deepEqual(ensureApiCredentials(dataDir, { ...options, nowMs: nowMs + dayMs }), made);
});

test('the server certificate is renewed before its end and for other hosts; authority and token stay', () => {
  const dataDir = newFolder();
  const first = ensureApiCredentials(dataDir, options);
  const sameHosts = ensureApiCredentials(dataDir, { ...options, nowMs: first.renewAtMs - 1 });
  assert.deepEqual(sameHosts, first);
  const renewed = ensureApiCredentials(dataDir, { ...options, nowMs: first.renewAtMs });
  assert.notEqual(renewed.server.certificatePem, first.server.certificatePem);
  assert.deepEqual([renewed.authority, renewed.token], [first.authority, first.token]);
  const respelled = { hosts: ['fd00:0::1', 'fd00::1', ...options.hosts.slice(0, 2), 'münchen.example'] };
  assert.deepEqual(ensureApiCredentials(dataDir, { ...respelled, nowMs: first.renewAtMs }), renewed);
  const fewer = ensureApiCredentials(dataDir, { hosts: ['10.1.2.3'], nowMs: first.renewAtMs });
  const names = new X509Certificate(fewer.server.certificatePem);
  assert.deepEqual([names.checkIP('10.1.2.3'), names.checkIP('fd00::1')], ['10.1.2.3', undefined]);
  const more = ensureApiCredentials(dataDir, { hosts: ['10.1.2.3', 'new.example'], nowMs: first.renewAtMs });
  assert.equal(new X509Certificate(more.server.certificatePem).checkHost('new.example'), 'new.example');
  assert.deepEqual([more.authority, more.token], [first.authority, first.token]);
});

test('near the end of its authority the server certificate ends with it and is not made at every start', () => {
  const dataDir = newFolder();
  ensureApiCredentials(dataDir, options);
  const late = { ...options, nowMs: nowMs + 3640 * dayMs };
  const one = ensureApiCredentials(dataDir, late);
  assert.equal(
    new X509Certificate(one.server.certificatePem).validTo,
    new X509Certificate(one.authority.certificatePem).validTo,
  );
  assert.deepEqual(ensureApiCredentials(dataDir, late), one);
  assert.throws(
    () => ensureApiCredentials(dataDir, { ...options, nowMs: nowMs + 3651 * dayMs }),
    /ca\.pem": the certificate ended on 2036-/,
  );
});

test('damaged files are named and left as they are', () => {
  const cases: readonly (readonly [string, (text: string, other: string) => string, RegExp])[] = [
    ['ca.pem', () => '', /ca\.pem": it holds no private key/],
    ['ca.pem', (text) => text.slice(0, -60), /ca\.pem": it holds no certificate/],
    ['ca.pem', (text) => text.replace(/\n[A-Za-z0-9+/]{20}/, '\n!!!!'), /ca\.pem": /],
    ['server.pem', (text, other) => text.split('-----BEGIN CERT')[0] + other, /the key is not that of/],
    ['token', () => 'short\n', /token": it holds no token/],
    ['token', () => `${'x'.repeat(40)}\u0007`, /token": it holds no token/],
  ];
  for (const [name, damage, message] of cases) {
    const dataDir = newFolder();
    const { authority } = ensureApiCredentials(dataDir, options);
    const path = join(dataDir, 'pki', name);
    const text = damage(readFileSync(path, 'utf8'), authority.certificatePem);
    writeFileSync(path, text);
    const secret = text.slice(40, 60);
    assert.throws(
      () => ensureApiCredentials(dataDir, options),
      (error: Error) => message.test(error.message) && (secret === '' || !error.message.includes(secret)),
    );
    assert.equal(readFileSync(path, 'utf8'), text);
  }
});

test('files and folders of others, or that others may use, are refused', (context) => {
  const dataDir = newFolder();
  ensureApiCredentials(dataDir, options);
  for (const [name, open, wanted] of [
    ['pki/token', 0o640, 0o600],
    ['pki/ca.pem', 0o604, 0o600],
    ['pki', 0o755, 0o700],
  ] as const) {
    chmodSync(join(dataDir, name), open);
    assert.throws(
      () => ensureApiCredentials(dataDir, options),
      new RegExp(`${name}": mode 0${open.toString(8)} lets others use it, wanted 0${wanted.toString(8)}`),
    );
    chmodSync(join(dataDir, name), wanted);
  }
  const uid = process.getuid?.() ?? 0;
  const { getuid } = process;
  Object.assign(process, { getuid: () => uid + 1 });
  context.after(() => Object.assign(process, { getuid }));
  assert.throws(
    () => ensureApiCredentials(dataDir, options),
    new RegExp(`pki": owned by user ${uid}, wanted ${uid + 1}`),
  );
  Object.assign(process, { getuid });
  rmSync(join(dataDir, 'pki', 'token'));
  mkdirSync(join(dataDir, 'pki', 'token'));
  assert.throws(() => ensureApiCredentials(dataDir, options), /token": it is no file/);
});

const content = { serverUrl: 'https://127.0.0.1:7443', authorityPem: 'PEM', token: 'T' };

test('kubeconfig: what kubectl needs, private, and written again only when something changed', () => {
  const dataDir = newFolder();
  mkdirSync(dataDir);
  const path = ensureKubeconfig(dataDir, content);
  assert.deepEqual(parse(readFileSync(path, 'utf8')), {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'sallyport',
        cluster: { server: 'https://127.0.0.1:7443', 'certificate-authority-data': 'UEVN' },
      },
    ],
    contexts: [
      {
        name: 'sallyport',
        context: { cluster: 'sallyport', user: 'sallyport', namespace: 'default' },
      },
    ],
    users: [{ name: 'sallyport', user: { token: 'T' } }],
    'current-context': 'sallyport',
    preferences: {},
  });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const { ino } = statSync(path);
  ensureKubeconfig(dataDir, content);
  assert.equal(statSync(path).ino, ino);
  ensureKubeconfig(dataDir, { ...content, serverUrl: 'https://127.0.0.1:8443' });
  assert.match(readFileSync(path, 'utf8'), /server: https:\/\/127\.0\.0\.1:8443\n/);
});

test('kubeconfig: our entries are put right, those of the user stay', () => {
  const dataDir = newFolder();
  mkdirSync(dataDir);
  const path = join(dataDir, 'kubeconfig');
  const text = renderKubeconfig(content)
    .replace('namespace: default', 'namespace: shop')
    .replace('https://127.0.0.1:7443', 'https://elsewhere:1')
    .replace('users:\n', 'users:\n- name: me\n  user:\n    token: mine\n')
    .replace('current-context: sallyport', 'current-context: other # mine');
  writeFileSync(path, text, { mode: 0o600 });
  ensureKubeconfig(dataDir, content);
  assert.equal(readFileSync(path, 'utf8'), text.replace('https://elsewhere:1', 'https://127.0.0.1:7443'));
});

test("kubeconfig: somebody else's, damaged or open files are left alone", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [renderKubeconfig(content).replaceAll('sallyport', 'prod'), /it has no cluster "sallyport"/],
    ['a: [1', /it is no YAML/],
    ['', /it is no kubeconfig/],
    ['kind: Config\nclusters: [{name: sallyport, cluster: 7}]\n', /"cluster" of "sallyport" .* is no map/],
  ];
  for (const [text, message] of cases) {
    const dataDir = newFolder();
    mkdirSync(dataDir);
    const path = join(dataDir, 'kubeconfig');
    writeFileSync(path, text, { mode: 0o600 });
    assert.throws(() => ensureKubeconfig(dataDir, content), message);
    assert.equal(readFileSync(path, 'utf8'), text);
    chmodSync(path, 0o644);
    assert.throws(() => ensureKubeconfig(dataDir, content), /mode 0644 lets others use it/);
  }
});
