// `sallyport explain` by its function, and once as a process: decisions in both forms, request parsing, exit codes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { runExplain } from '../../src/cli/explain.ts';
import { UsageError } from '../../src/config/index.ts';
import { type Captured, runCaptured } from './run-captured.ts';

const examples = resolve(import.meta.dirname, '../../examples');

const app = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: app
  namespace: shop
  annotations:
    nginx.ingress.kubernetes.io/rewrite-target: /$1
    nginx.ingress.kubernetes.io/use-regex: "true"
    nginx.ingress.kubernetes.io/proxy-body-size: 1k
spec:
  rules:
  - host: app.example.com
    http:
      paths:
      - path: /api/(.*)
        pathType: ImplementationSpecific
        backend: {service: {name: api, port: {number: 80}}}
      - path: /gone
        pathType: ImplementationSpecific
        backend: {service: {name: gone, port: {number: 80}}}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec:
  ports: [{port: 80}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: api-1, namespace: shop, labels: {kubernetes.io/service-name: api}}
addressType: IPv4
ports: [{name: "", port: 8080}]
endpoints:
- addresses: [10.0.0.7]
`;

/** The members of the JSON form that the tests look at. */
interface Told {
  readonly request: { readonly method: string; readonly host: string; readonly path: string } | null;
  readonly host: { readonly tier: string; readonly pattern: string };
  readonly candidates: readonly { readonly id: string; readonly outcome: string; readonly why: string }[];
  readonly route: string | null;
  readonly source: { readonly file: string; readonly line: number } | null;
  readonly endpoints: readonly { readonly address: string; readonly port: number }[];
  readonly tls: { readonly certificate: string } | null;
  readonly features: readonly { readonly name: string; readonly effect: string }[];
  readonly sentTarget: string | null;
  readonly answer: {
    readonly status: number;
    readonly reason: string;
    readonly location: string | null;
  } | null;
  readonly problems: readonly { readonly code: string; readonly line: number }[];
}

function run(words: readonly string[], stdin = app): Promise<Captured> {
  return runCaptured(runExplain, words, stdin);
}

async function ask(url: string, ...words: string[]): Promise<Told> {
  const { code, out } = await run([url, '-o', 'json', '-f', ...(words.length === 0 ? ['-'] : words)]);
  assert.equal(code, 0);
  return JSON.parse(out) as Told;
}

describe('sallyport explain: decisions', () => {
  it('tells the winner, its source, endpoints, features and what is sent', async () => {
    const told = await ask('http://APP.example.com:8080/api/v1/x?q=1');
    assert.deepEqual(told.host, { tier: 'exact', pattern: 'app.example.com' });
    assert.equal(told.route, 'ingress/shop/app/rule/0/path/0');
    assert.deepEqual(told.source, { file: '<stdin>', line: 15 });
    assert.deepEqual(told.endpoints, [{ address: '10.0.0.7', port: 8080, ready: true }]);
    assert.equal(told.features.find(({ name }) => name === 'rewrite')?.effect, 'rewrites the path to /v1/x');
    assert.equal(told.sentTarget, '/v1/x?q=1');
    assert.equal(told.answer, null);
    assert.deepEqual(
      told.candidates.map(({ outcome }) => outcome),
      ['won', 'lost'],
    );
  });

  it('tells the status where the proxy answers itself, and the problems of the Ingress', async () => {
    const gone = await ask('http://app.example.com/gone');
    assert.deepEqual([gone.route, gone.answer?.status], ['ingress/shop/app/rule/0/path/1', 503]);
    assert.deepEqual(
      gone.problems.map(({ code, line }) => [code, line]),
      [
        ['AnnotationInvalid', 7],
        ['ServiceNotFound', 20],
      ],
    );
    assert.equal((await ask('http://app.example.com/other')).answer?.status, 404);
    assert.equal((await ask('http://unknown.example.com/')).answer?.status, 404);
  });

  it('tells whose passwords a path goes by, and that it answers 503 without them', async () => {
    const annotated = app.replace('  annotations:\n', () => {
      const prefix = '    nginx.ingress.kubernetes.io/';
      return `  annotations:\n${prefix}auth-type: basic\n${prefix}auth-secret: staff\n`;
    });
    const secret =
      '---\napiVersion: v1\nkind: Secret\nmetadata: {name: staff, namespace: shop}\nstringData: {auth: "anna:{PLAIN}swordfish"}\n';
    const words = ['http://app.example.com/api/v1', '-f', '-'];
    const denied = await run(words, annotated);
    assert.match(denied.out, /^answer {4}503, by the proxy itself: password-secret$/m);
    assert.match(denied.out, /SecretNotFound/);
    const asked = await run([...words, '-H', 'Authorization: Basic YQ=='], `${annotated}${secret}`);
    assert.match(
      asked.out,
      /^ {2}passwords: basic authentication by Secret shop\/staff \(its key "auth"\)$/m,
    );
    assert.match(asked.out, /^sends {5}GET \/v1$/m);
    assert.doesNotMatch(asked.out, /swordfish|anna|503/);
  });

  it('refuses what the proxy refuses', async () => {
    const cases: [string, string[], number, string][] = [
      ['http://app.example.com/../x', [], 400, 'path-above-root'],
      ['http://app.example.com/a%00', [], 400, 'path-nul'],
      ['http://app.example.com/x/..%2f/gone', [], 400, 'ambiguous-path'],
      ['http://app.example.com/api/x', ['-X', 'TRACE'], 405, 'method-refused'],
      ['http://app.example.com/api/x', ['-X', 'POST', '-H', 'Content-Length: 2000'], 413, 'body-too-large'],
    ];
    for (const [url, words, status, reason] of cases) {
      const { answer } = await ask(url, '-', ...words);
      assert.deepEqual([answer?.status, answer?.reason], [status, reason], url);
    }
    assert.equal((await ask('http://app.example.com/api/x', '-', '-H', 'Content-Length: 1024')).answer, null);
  });

  it('tells which side of a canary, and why', async () => {
    const path = (name: string) =>
      `[{path: /, pathType: Prefix, backend: {service: {name: ${name}, port: {number: 80}}}}]`;
    const manifests = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: main, namespace: shop}
spec:
  rules: [{host: shop.example.com, http: {paths: ${path('api')}}}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: canary
  namespace: shop
  annotations:
    nginx.ingress.kubernetes.io/canary: "true"
    nginx.ingress.kubernetes.io/canary-by-header: X-Canary
    nginx.ingress.kubernetes.io/canary-weight: "10"
spec:
  rules: [{host: shop.example.com, http: {paths: ${path('next')}}}]
---
${app}---
apiVersion: v1
kind: Service
metadata: {name: next, namespace: shop}
spec:
  ports: [{port: 80}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: next-1, namespace: shop, labels: {kubernetes.io/service-name: next}}
addressType: IPv4
ports: [{name: "", port: 8080}]
endpoints: [{addresses: [10.0.0.9]}]
`;
    const side = async (words: string[], text = manifests): Promise<[string, string]> => {
      const { out } = await run(['http://shop.example.com/', '-o', 'json', '-f', '-', ...words], text);
      const { canary } = JSON.parse(out) as { canary: { side: string; why: string } };
      return [canary.side, canary.why];
    };
    assert.deepEqual(await side(['-H', 'x-canary: always']), ['canary', 'field "x-canary" chooses it']);
    assert.deepEqual(await side(['-H', 'X-Canary: never']), ['main', 'field "x-canary" says never']);
    assert.deepEqual(await side([]), ['drawn', 'the canary gets 10 of 100 such requests']);
    const annotated =
      'name: main, namespace: shop, annotations: {nginx.ingress.kubernetes.io/affinity: cookie}';
    const [, why] = await side([], manifests.replace('name: main, namespace: shop', annotated));
    assert.match(why, /10 of 100 such requests, unless the client has a session on one of them$/);
    const { out } = await run(['http://shop.example.com/', '-f', '-'], manifests);
    assert.match(
      out,
      /^canary {4}shop\/next:80 for field "x-canary" always\|never, 10 of 100 others, by ingress\/shop\/canary\/rule\/0\/path\/0\n {2}10\.0\.0\.9:8080$/m,
    );
    assert.match(
      out,
      /^side {6}main or canary, drawn for each request: the canary gets 10 of 100 such requests$/m,
    );
  });

  it('decides by the Host field in place of the URL', async () => {
    const told = await ask('http://127.0.0.1:8080/api/x', '-', '-H', 'hOsT: app.example.com:8080');
    assert.deepEqual([told.request?.host, told.route], ['app.example.com', 'ingress/shop/app/rule/0/path/0']);
    assert.equal((await ask('http://app.example.com/api/x', '-', '-H', 'Host:')).host.tier, 'none');
  });

  it('sends text of other scripts escaped, and hosts in ASCII', async () => {
    const told = await ask('http://bücher.example/ä b');
    assert.deepEqual([told.request?.host, told.request?.path], ['xn--bcher-kva.example', '/%C3%A4%20b']);
  });

  it('knows hosts with TLS: the redirect, the certificate, the misdirected request', async () => {
    const plain = await ask('http://https-example.foo.com/x?y', examples);
    assert.deepEqual(plain.answer, {
      status: 308,
      reason: 'ssl-redirect',
      location: 'https://https-example.foo.com/x?y',
    });
    const secure = await ask('https://https-example.foo.com/x', examples);
    assert.deepEqual([secure.answer, secure.tls?.certificate], [null, 'default/testsecret-tls']);
    const misdirected = await ask('https://https-example.foo.com/foo', examples, '-H', 'Host: foo.bar.com');
    assert.equal(misdirected.answer?.status, 421);
  });

  it('prints text for people', async () => {
    const { code, out } = await run(['http://app.example.com/gone', '-f', '-']);
    assert.equal(code, 0);
    for (const line of [
      /^request {3}GET http:\/\/app\.example\.com\/gone$/m,
      /^ {2}lost {2}regex \/api\/\(\.\*\) +ingress\/shop\/app\/rule\/0\/path\/0: /m,
      /^source {4}<stdin>:18$/m,
      /^ {2}body-size: refuse bodies over 1024 bytes$/m,
      /^answer {4}503, by the proxy itself: /m,
      /^ {2}<stdin>:20: error: Ingress shop\/app: .* \[ServiceNotFound\]$/m,
    ]) {
      assert.match(out, line);
    }
  });
});

describe('sallyport explain: TLS that is passed through', () => {
  const vault = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: vault
  namespace: shop
  annotations: {nginx.ingress.kubernetes.io/ssl-passthrough: "true"}
spec:
  rules:
  - host: vault.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}]}
---
${app}`;

  it('reads no request by the name of the host, and refuses it under another name', async () => {
    const flags = ['-f', '-', '--enable-ssl-passthrough'];
    const passed = await run(['https://vault.example.com/x', ...flags], vault);
    assert.match(passed.out, /^tls {7}passed through to shop\/api:80, by ingress\/shop\/vault: /m);
    assert.doesNotMatch(passed.out, /^sends|^answer/m);
    const plain = await run(['http://vault.example.com/x', ...flags], vault);
    assert.match(plain.out, /^sends {5}GET \/x$/m);
    const other = await run(['https://app.example.com/x', '-H', 'Host: vault.example.com', ...flags], vault);
    assert.match(other.out, /^answer {4}421, by the proxy itself: misdirected$/m);
  });
});

describe('sallyport explain: use', () => {
  it('refuses wrong use', async () => {
    const f = ['-f', '-'];
    const wrong = [
      f,
      ['http://a/'],
      ['http://a/', 'http://b/', ...f],
      ['ftp://a/', ...f],
      ['http://user@a/', ...f],
      ['http://a:0/', ...f],
      ['http:///x', ...f],
      ['http://a/', '-X', 'GET /', ...f],
      ['http://a/', '-H', 'no colon', ...f],
      ['http://a/', '-H', 'Host: a b', ...f],
      ['http://a/', '-H', 'Content-Length: -1', ...f],
    ];
    for (const words of wrong) await assert.rejects(run(words), UsageError, words.join(' '));
  });

  it('fails when no manifest can be read, and decides when only some can', async () => {
    const missing = await run(['http://a/', '-f', '/no/such/path']);
    assert.deepEqual([missing.code, missing.out], [1, '']);
    assert.match(missing.err, /cannot read manifests from "\/no\/such\/path"/);
    const broken = await run(['http://a/', '-f', '-'], 'kind: [');
    assert.equal(broken.code, 1);
    assert.match(broken.err, /<stdin>:1: error: .*\[SyntaxError\]\n.*no object could be read/s);
    assert.equal((await run(['http://a/', '-f', '-'], `${app}---\nkind: Ingress\n`)).code, 0);
  });

  it('runs as a process', () => {
    const program = resolve(import.meta.dirname, '../../bin/sallyport.js');
    const words = ['explain', 'http://foo.bar.com/bar', '-f', examples];
    const child = spawnSync(process.execPath, [program, ...words], { encoding: 'utf8' });
    assert.equal(child.status, 0);
    assert.match(child.stdout, /^ {2}won .*ingress\/default\/simple-fanout-example\/rule\/0\/path\/1: /m);
    assert.equal(spawnSync(process.execPath, [program, 'explain'], { encoding: 'utf8' }).status, 2);
  });
});
