// loadKubeconfig: which file and context count, and what is read from them.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { base64, config, load, other, pair, secret } from './kubeconfig.fixture.ts';
import { loadKubeconfig } from './load-kubeconfig.ts';

const inPod = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
const account = {
  'account/token': 'pod-token\n',
  'account/ca.crt': pair.chainPem,
  'account/namespace': 'web\n',
};

describe('loadKubeconfig chooses', () => {
  it('the file of --kubeconfig, before everything else', async (test) => {
    const { connect, home } = load(
      test,
      {
        mine: config({ user: 'token: 007', context: ', namespace: shop' }),
        env: 'broken: [',
        '.kube/config': 'broken: [',
        ...account,
      },
      { path: 'mine', env: { KUBECONFIG: 'HOME/env', ...inPod } },
    );
    const connection = connect();
    assert.equal(connection.server.href, 'https://k:6443/');
    assert.equal(connection.namespace, 'shop');
    assert.equal(connection.origin, `kubeconfig ${JSON.stringify(join(home, 'mine'))}, context "c"`);
    assert.equal((await connection.credentials.current()).authorization, 'Bearer 007');
  });

  it('the files of KUBECONFIG, of which the first that defines a name counts', async (test) => {
    const { connect } = load(
      test,
      {
        a: config({ user: 'token: from-a', rest: '' }).replaceAll('name: k', 'name: only-a'),
        b: config({ user: 'token: from-b', cluster: 'server: "https://b"', rest: 'current-context: c' }),
        c: config({ cluster: 'server: "https://c"', rest: 'current-context: other' }),
      },
      { env: { KUBECONFIG: 'HOME/a::HOME/absent:HOME/b:HOME/c:HOME/b' } },
    );
    const connection = connect();
    assert.equal(connection.server.host, 'b');
    assert.equal((await connection.credentials.current()).authorization, 'Bearer from-a');
  });

  it('~/.kube/config, with files beside it', async (test) => {
    const { connect } = load(test, {
      '.kube/config': config({
        cluster: 'server: "https://k", certificate-authority: pki/ca.crt',
        user: 'client-certificate: pki/c.crt, client-key: pki/c.key',
      }),
      '.kube/pki/ca.crt': pair.chainPem,
      '.kube/pki/c.crt': pair.chainPem,
      '.kube/pki/c.key': pair.keyPem,
    });
    const { tls, credentials } = connect();
    assert.equal(tls.authorities?.read(), pair.chainPem.trim());
    assert.deepEqual((await credentials.current()).certificate, {
      chain: pair.chainPem.trim(),
      key: pair.keyPem.trim(),
    });
  });

  it('another context than the current one', (test) => {
    const text = config({ rest: 'current-context: missing' });
    const { connect } = load(test, { '.kube/config': text }, { context: 'c' });
    assert.equal(connect().server.host, 'k:6443');
  });

  it("the Pod's service account where no file has anything, with a token that changes", async (test) => {
    const { connect, home } = load(test, { '.kube/config': '', ...account }, { env: inPod });
    const { server, namespace, tls, credentials, origin } = connect();
    assert.deepEqual(
      [server.href, namespace, origin],
      ['https://[fd00::1]/', 'web', "the Pod's service account"],
    );
    assert.equal(tls.authorities?.read(), pair.chainPem.trim());
    const first = await credentials.current();
    assert.equal(first.authorization, 'Bearer pod-token');
    writeFileSync(join(home, 'account/token'), 'rotated-token-of-other-length');
    assert.equal((await credentials.current()).authorization, 'Bearer rotated-token-of-other-length');
    rmSync(join(home, 'account/token'));
    assert.equal((await credentials.current()).authorization, 'Bearer rotated-token-of-other-length');
    assert.equal((await credentials.renew(first))?.authorization, 'Bearer rotated-token-of-other-length');
    assert.equal(await credentials.renew(await credentials.current()), null);
  });
});

describe('loadKubeconfig takes from the command line', () => {
  it('another server and another authority, beside who we are', async (test) => {
    const text = config({
      cluster: `server: "https://k", certificate-authority-data: ${base64(other.chainPem)}`,
      user: 'token: T',
    });
    const { connect, home } = load(test, { '.kube/config': text, 'ca.crt': pair.chainPem }, {});
    const env = {};
    assert.equal(connect().tls.authorities?.read(), other.chainPem);
    const changed = loadKubeconfig({
      env,
      homeDir: home,
      server: 'https://127.0.0.1:6443',
      authorityFile: join(home, 'ca.crt'),
    });
    assert.equal(changed.server.host, '127.0.0.1:6443');
    assert.equal(changed.tls.authorities?.read(), pair.chainPem.trim());
    assert.equal((await changed.credentials.current()).authorization, 'Bearer T');
  });

  it('a server alone, which is spoken to as nobody', async (test) => {
    const { connect } = load(test, {}, { server: 'http://127.0.0.1:8001' });
    const { server, credentials } = connect();
    assert.equal(server.href, 'http://127.0.0.1:8001/');
    assert.equal((await credentials.current()).authorization, null);
    assert.throws(
      load(test, {}, { server: 'http://' }).connect,
      /"command line": cluster.server: not a URL$/,
    );
  });

  it('another authority for the Pod', (test) => {
    const { connect, home } = load(test, { ...account, other: other.chainPem }, { env: inPod });
    const connection = loadKubeconfig({
      env: inPod,
      homeDir: home,
      serviceAccountDir: join(home, 'account'),
      authorityFile: join(home, 'other'),
    });
    assert.equal(connection.tls.authorities?.read(), other.chainPem.trim());
    assert.equal(connect().tls.authorities?.read(), pair.chainPem.trim());
  });
});

describe('loadKubeconfig reads', () => {
  it('all basic fields of cluster and user', async (test) => {
    const { connect } = load(test, {
      '.kube/config': config({
        cluster: `server: "https://10.0.0.1/prefix", certificate-authority-data: ${base64(pair.chainPem)}, tls-server-name: api, proxy-url: "http://user:${secret}@proxy:3128"`,
        user: `username: eve, password: ${secret}, as: adam, as-uid: "1", as-groups: [g, h], as-user-extra: {Scope: [x]}`,
      }),
    });
    const { server, tls, credentials, proxy, impersonation } = connect();
    assert.equal(server.href, 'https://10.0.0.1/prefix');
    assert.deepEqual([tls.isVerified, tls.serverName, tls.authorities?.read()], [true, 'api', pair.chainPem]);
    assert.equal(proxy?.host, 'proxy:3128');
    assert.equal((await credentials.current()).authorization, `Basic ${base64(`eve:${secret}`)}`);
    assert.deepEqual(impersonation, [
      ['Impersonate-User', 'adam'],
      ['Impersonate-Uid', '1'],
      ['Impersonate-Group', 'g'],
      ['Impersonate-Group', 'h'],
      ['Impersonate-Extra-scope', 'x'],
    ]);
  });

  it('sends nobody over plain HTTP, and warns of it and of unverified certificates', async (test) => {
    const plain = load(test, {
      '.kube/config': config({ cluster: 'server: "127.0.0.1:8080"', user: `token: ${secret}` }),
    }).connect();
    assert.equal(plain.server.protocol, 'http:');
    assert.equal((await plain.credentials.current()).authorization, null);
    assert.deepEqual(plain.warnings, [
      `users["u"].user: credentials are not sent, because the server's URL is http://`,
    ]);
    const insecure = load(test, {
      '.kube/config': config({ cluster: 'server: "k:6443", insecure-skip-tls-verify: yes' }),
    }).connect();
    assert.equal(insecure.server.protocol, 'https:');
    assert.equal(insecure.tls.isVerified, false);
    assert.equal(insecure.warnings.length, 1);
  });

  it('takes a proxy from the environment, but not for what NO_PROXY names', (test) => {
    const cases: readonly [server: string, noProxy: string, expected: boolean][] = [
      ['https://api.example.com', '', true],
      ['https://api.example.com', 'example.com', false],
      ['https://api.example.com', '.example.com', false],
      ['https://api.example.com', '*.example.com', false],
      ['https://notexample.com', 'example.com', true],
      ['https://api.example.com:6443', 'api.example.com:443', true],
      ['https://api.example.com:6443', 'x, api.example.com:6443', false],
      ['https://10.96.0.1', '10.0.0.0/8', false],
      ['https://11.96.0.1', '10.0.0.0/8', true],
      ['https://[fd00::1]', 'fd00::/8', false],
      ['https://[fd00::1]', 'fd00::1', false],
      ['https://10.96.0.1', '*', false],
      ['https://127.0.0.1', '', false],
      ['https://localhost', '', false],
    ];
    for (const [server, noProxy, expected] of cases) {
      const env = { https_proxy: 'proxy:3128', NO_PROXY: noProxy };
      const text = config({ cluster: `server: "${server}"` });
      const { proxy } = load(test, { '.kube/config': text }, { env }).connect();
      assert.equal(proxy?.href ?? null, expected ? 'http://proxy:3128/' : null, `${server} ${noProxy}`);
    }
  });
});
