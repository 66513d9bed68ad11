// loadKubeconfig: which file and context count, what is refused and with which words, and that no secret is ever among them.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createSelfSigned } from '../../cli/self-signed.ts';
import { KubeconfigError } from './kubeconfig-fields.ts';
import { type KubeconfigOptions, loadKubeconfig } from './load-kubeconfig.ts';

const pair = createSelfSigned({
  commonName: 'test',
  dnsNames: ['test'],
  notBefore: new Date('2020-01-01'),
  notAfter: new Date('2099-01-01'),
});
const other = createSelfSigned({
  commonName: 'other',
  dnsNames: ['other'],
  notBefore: new Date('2020-01-01'),
  notAfter: new Date('2099-01-01'),
});
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const secret = 'hunter2-hunter2';

interface Parts {
  readonly cluster?: string;
  readonly user?: string;
  readonly context?: string;
  readonly rest?: string;
}

/** A kubeconfig with one context `c`; members in flow style. */
function config({ cluster = '', user = '', context = '', rest = 'current-context: c' }: Parts): string {
  return `apiVersion: v1
kind: Config
clusters: [{name: k, cluster: {${cluster === '' ? 'server: "https://k:6443"' : cluster}}}]
users: [{name: u, user: {${user}}}]
contexts: [{name: c, context: {cluster: k, user: u${context}}}]
${rest}
`;
}

/** Writes the files under a new home folder and loads from there. */
function load(
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

/** What is refused, and the end of the message. `.kube/config` unless given otherwise. */
const refused: readonly [text: string, message: string][] = [
  ['a: [', ': not YAML at line 1, column 5 (BAD_INDENT)'],
  [`token: "${secret}\n`, ': not YAML at line 2, column 1 (MISSING_CHAR)'],
  ['[]', ': a mapping is wanted'],
  ['clusters: {}', ': clusters: a list is wanted'],
  ['users: [{user: {}}]', ': users[0].name: a name is wanted'],
  ['users: [{name: a}, {name: a}]', ': users[1].name: "a" is given twice'],
  [config({ rest: '' }), ': current-context is not set; choose one of "c"'],
  [config({ rest: 'current-context: d' }), ': there is no context "d"; there are "c"'],
  [config({ rest: 'current-context: {}' }), ': current-context: a text is wanted'],
  [config({}).replace('user: u', 'user: v'), ': contexts["c"].context.user: there is no user "v"'],
  [config({}).replace('cluster: k,', ''), ': contexts["c"].context.cluster: not set'],
  [config({ cluster: 'server: ""' }), ': clusters["k"].cluster.server: not set'],
  [config({ cluster: 'server: "https://a b"' }), ': clusters["k"].cluster.server: not a URL'],
  [
    config({ cluster: 'server: "ftp://a"' }),
    ': clusters["k"].cluster.server: ftp:// is not supported; https:// is wanted',
  ],
  [
    config({ cluster: `server: "https://u:${secret}@k"` }),
    ': clusters["k"].cluster.server: the URL holds a user or password, which belong under users',
  ],
  [
    config({ cluster: 'server: "https://k", certificate-authority-data: "!"' }),
    ': clusters["k"].cluster.certificate-authority-data: not base64',
  ],
  [
    config({ cluster: `server: "https://k", certificate-authority-data: ${base64('x')}` }),
    ': clusters["k"].cluster.certificate-authority-data: no certificate in PEM',
  ],
  [
    config({ cluster: `server: "https://k", certificate-authority: f, certificate-authority-data: eA==` }),
    ': clusters["k"].cluster.certificate-authority: certificate-authority-data is given too; one of them is wanted',
  ],
  [
    config({ cluster: 'server: "https://k", certificate-authority: "/nowhere/ca.crt"' }),
    ': clusters["k"].cluster.certificate-authority: cannot read the certificate authority from "/nowhere/ca.crt": ENOENT',
  ],
  [
    config({
      cluster: `server: "https://k", insecure-skip-tls-verify: true, certificate-authority-data: ${base64(pair.chainPem)}`,
    }),
    ': clusters["k"].cluster.insecure-skip-tls-verify: may not be true beside a certificate authority',
  ],
  [
    config({ cluster: `server: "https://k", proxy-url: "socks5://u:${secret}@p"` }),
    ': clusters["k"].cluster.proxy-url: not the URL of a proxy over http or https',
  ],
  [
    config({ user: `client-certificate-data: ${base64(pair.chainPem)}` }),
    ': users["u"].user.client-key: not set, but there is a client certificate',
  ],
  [
    config({
      user: `client-certificate-data: ${base64(pair.chainPem)}, client-key-data: ${base64(other.keyPem)}`,
    }),
    ': users["u"].user.client-key-data: does not belong to the certificate',
  ],
  [
    config({ user: `client-certificate-data: ${base64(pair.chainPem)}, client-key-data: ${base64(secret)}` }),
    ': users["u"].user.client-key-data: no private key in PEM, or an encrypted one',
  ],
  [
    config({ user: `token: "${secret}\\n${secret}"` }),
    ': users["u"].user.token: holds a character that no header can carry',
  ],
  [config({ user: `token: [${secret}]` }), ': users["u"].user.token: a text is wanted'],
  [
    config({ user: `token: x, username: u, password: ${secret}` }),
    ': users["u"].user.username: a token is given too; one of them is wanted',
  ],
  [
    config({ user: 'auth-provider: {name: gcp}' }),
    ': users["u"].user.auth-provider: not supported; Kubernetes has replaced it by exec',
  ],
  [
    config({ user: 'as-groups: [a]' }),
    ': users["u"].user.as: not set, but other fields of impersonation are',
  ],
  [
    config({ user: 'exec: {command: x, apiVersion: v1}' }),
    ': users["u"].user.exec.apiVersion: one of client.authentication.k8s.io/v1, client.authentication.k8s.io/v1beta1 is wanted',
  ],
  [
    config({ user: 'exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}' }),
    ': users["u"].user.exec.command: not set',
  ],
  [
    config({ user: 'exec: {apiVersion: client.authentication.k8s.io/v1, command: x}' }),
    ': users["u"].user.exec.interactiveMode: Never or IfAvailable is wanted',
  ],
  [
    config({
      user: 'exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Always}',
    }),
    ': users["u"].user.exec.interactiveMode: Always: this program has no terminal to offer',
  ],
];

describe('loadKubeconfig refuses', () => {
  for (const [text, message] of refused) {
    it(message, (test) => {
      const { connect, home } = load(test, { '.kube/config': text });
      assert.throws(connect, (error: Error) => {
        assert.ok(error instanceof KubeconfigError);
        assert.equal(error.message, `kubeconfig ${JSON.stringify(join(home, '.kube/config'))}${message}`);
        assert.ok(!error.message.includes(secret));
        return true;
      });
    });
  }

  it('a file that does not exist, or nothing at all, and says where it looked', (test) => {
    const named = load(test, account, { path: 'absent', env: inPod });
    assert.throws(named.connect, /absent": there is no such file$/);
    const nothing = load(test, {});
    assert.throws(
      nothing.connect,
      /no cluster to talk to: the home folder \(".*config"\) has no context, and this is not a Pod/,
    );
    const listed = load(test, {}, { env: { KUBECONFIG: 'HOME/a:HOME/b' } });
    assert.throws(listed.connect, /: KUBECONFIG \(".*a", ".*b"\) has no context/);
    const context = load(test, {}, { context: 'x' });
    assert.throws(context.connect, /no kubeconfig: there is no context "x"; there are none$/);
  });
});
