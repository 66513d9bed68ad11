// loadKubeconfig: what is refused and with which words, and that no secret is ever among them.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { base64, config, load, other, pair, secret } from './kubeconfig.fixture.ts';
import { KubeconfigError } from './kubeconfig-fields.ts';

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
    const inPod = { KUBERNETES_SERVICE_HOST: 'k', KUBERNETES_SERVICE_PORT: '443' };
    const named = load(test, { 'account/token': 'T' }, { path: 'absent', env: inPod });
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
