// `sallyport explain`: who may come, by what is known of the client; what asks for each feature; why an answer is an error and what to change;
// and requests of an access log.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { runExplain } from '../../src/cli/explain.ts';
import { UsageError } from '../../src/config/index.ts';
import { type Captured, runCaptured } from './run-captured.ts';

const nginx = 'nginx.ingress.kubernetes.io';
const backends = `---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: "", port: 8080}]
endpoints: [{addresses: [10.0.0.7]}, {addresses: [10.0.0.8]}]
---
apiVersion: v1
kind: Secret
metadata: {name: staff}
stringData: {auth: "anna:{PLAIN}swordfish"}
`;

/** An Ingress with these annotations, from line 5 on. */
function shop(annotations: Readonly<Record<string, string>>, service = 'web'): string {
  const lines = Object.entries(annotations).map(([key, value]) => `    ${nginx}/${key}: "${value}"\n`);
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  annotations:
${lines.join('')}  name: shop
spec:
  rules:
  - host: shop.test
    http:
      paths:
      - path: /a
        pathType: Prefix
        backend: {service: {name: ${service}, port: {number: 80}}}
${backends}`;
}

function run(stdin: string, ...words: string[]): Promise<Captured> {
  return runCaptured(runExplain, ['-f', '-', ...words], stdin);
}

interface Told {
  readonly access: readonly { readonly name: string; readonly verdict: string; readonly why: string }[];
  readonly answer: { readonly status: number; readonly reason: string } | null;
  readonly sentTarget: string | null;
  readonly choice: string | null;
  readonly cause: {
    readonly message: string;
    readonly object: { readonly name: string } | null;
    readonly field: string;
  } | null;
  readonly features: readonly {
    readonly name: string;
    readonly askedBy: readonly { readonly field: string; readonly line: number }[];
  }[];
  readonly logged: { readonly line: number } | null;
}

async function ask(stdin: string, ...words: string[]): Promise<Told> {
  const { code, out } = await run(stdin, '-o', 'json', ...words);
  assert.equal(code, 0, out);
  return JSON.parse(out) as Told;
}

const url = 'http://shop.test/a';
const ranges = { 'whitelist-source-range': '10.0.0.0/8' };
const passwords = { 'auth-type': 'basic', 'auth-secret': 'staff' };
const external = { 'auth-url': 'http://auth.example/check' };
const verdicts = ({ access }: Told): string[] => access.map(({ name, verdict }) => `${name} ${verdict}`);

describe('sallyport explain: who may come', () => {
  it('everybody, where nothing is asked', async () => {
    const told = await ask(shop({}), url);
    assert.deepEqual([told.access, told.answer, told.sentTarget], [[], null, '/a']);
  });

  it('by the address, where one is given', async () => {
    const open = await ask(shop(ranges), url);
    assert.deepEqual([verdicts(open), open.answer], [['source-ranges depends on the client'], null]);
    const inside = await ask(shop(ranges), url, '--client-address', '10.1.2.3');
    assert.deepEqual(
      [verdicts(inside), inside.answer, inside.sentTarget],
      [['source-ranges lets in'], null, '/a'],
    );
    const outside = await ask(shop(ranges), url, '--client-address', '2001:db8::1');
    assert.deepEqual([outside.answer?.status, outside.sentTarget], [403, null]);
    assert.equal(outside.cause?.field, `metadata.annotations[${nginx}/whitelist-source-range]`);
    for (const address of ['x', '1.2.3', '::1%eth0'])
      await assert.rejects(ask(shop(ranges), url, '--client-address', address), UsageError);
  });

  it('by passwords, which nobody looks at here', async () => {
    const none = await ask(shop(passwords), url);
    assert.deepEqual([none.answer?.status, none.answer?.reason], [401, 'password-wanted']);
    const some = await ask(shop(passwords), url, '-H', 'Authorization: Basic YW5uYTp4');
    assert.deepEqual([verdicts(some), some.answer], [['passwords depends on the client'], null]);
    assert.doesNotMatch(JSON.stringify(some), /swordfish|anna|YW5u/);
  });

  it('by one of the checks or all of them, as the Ingress says', async () => {
    const any = shop({ ...ranges, ...passwords, satisfy: 'any' });
    const all = shop({ ...ranges, ...passwords });
    const outside = ['--client-address', '192.0.2.1'];
    const inside = ['--client-address', '10.0.0.1'];
    const status = async (stdin: string, ...words: string[]): Promise<number | undefined> =>
      (await ask(stdin, url, ...words)).answer?.status;
    assert.equal(await status(any, ...inside), undefined);
    assert.equal(await status(any, ...outside), 401);
    assert.equal(await status(any, ...outside, '-H', 'Authorization: x'), undefined);
    assert.equal(await status(all, ...inside), 401);
    assert.equal(await status(all, ...outside, '-H', 'Authorization: x'), 403);
    assert.equal(await status(any), undefined);
  });

  it('by a server that is asked, and by limits', async () => {
    const told = await ask(shop({ ...external, 'limit-rps': '5', 'limit-whitelist': '10.9.0.0/16' }), url);
    assert.deepEqual(verdicts(told), ['limits depends on the client', 'external-auth depends on the client']);
    assert.match(told.access[1]?.why ?? '', /http:\/\/auth\.example:80/);
    const exempt = await ask(
      shop({ 'limit-rps': '5', 'limit-whitelist': '10.9.0.0/16' }),
      url,
      '--client-address',
      '10.9.1.1',
    );
    assert.deepEqual(verdicts(exempt), ['limits lets in']);
    assert.match(
      (await run(shop(external), url)).out,
      /^ {2}external-auth: depends on the client: the answer of http/m,
    );
  });
});

describe('sallyport explain: what asks for it', () => {
  it('names the annotations of each feature with their lines, and how an endpoint is chosen', async () => {
    const told = await ask(shop({ 'proxy-body-size': '1k', 'upstream-hash-by': '$request_uri' }), url);
    const askedBy = told.features.find(({ name }) => name === 'body-size')?.askedBy;
    assert.deepEqual(
      askedBy?.map(({ field, line }) => [field, line]),
      [[`metadata.annotations[${nginx}/proxy-body-size]`, 5]],
    );
    assert.deepEqual(told.features.find(({ name }) => name === 'ssl-redirect')?.askedBy, []);
    assert.equal(told.choice, 'one of 2 endpoints, by a hash of the request-uri; without it by round-robin');
    assert.equal(
      (await ask(shop({ affinity: 'cookie' }), url)).choice?.includes('that of the cookie "INGRESSCOOKIE"'),
      true,
    );
  });

  it('tells the cause of an error and what to change', async () => {
    const cases: [string, string[], RegExp, string | undefined][] = [
      [
        shop({}, 'gone'),
        [url],
        /"default\/gone" does not exist/,
        'spec.rules[0].http.paths[0].backend.service.name',
      ],
      [
        shop({ 'whitelist-source-range': 'x' }),
        [url],
        /wanted/,
        `metadata.annotations[${nginx}/whitelist-source-range]`,
      ],
      [shop({}), ['http://shop.test/b'], /none of the 1 rules for "shop\.test" takes the path "\/b"/, ''],
      [shop({}), ['http://other.test/'], /no Ingress that is served has a rule for host "other\.test"/, ''],
      [shop({}), ['http://shop.test/%00'], /no path may be written so/, ''],
      [
        shop({ 'proxy-body-size': '1k' }),
        [url, '-H', 'Content-Length: 9999'],
        /larger/,
        `metadata.annotations[${nginx}/proxy-body-size]`,
      ],
    ];
    for (const [stdin, words, message, field] of cases) {
      const { cause } = await ask(stdin, ...words);
      assert.match(cause?.message ?? '', message);
      assert.equal(cause?.field, field);
    }
    const { out } = await run(shop({}, 'gone'), url);
    assert.match(out, /^because {3}Service "default\/gone" does not exist$/m);
    assert.match(out, /^change {4}Ingress default\/shop spec\.rules\[0\].* \(<stdin>:\d+\)$/m);
    assert.equal((await ask(shop({ 'permanent-redirect': 'http://x/' }), url)).cause, null);
  });

  it('takes TLS and the name of the handshake apart from the URL', async () => {
    assert.equal((await ask(shop({}), url, '--tls')).answer, null);
    const { out } = await run(shop({}), url, '--tls', '--server-name', 'SHOP.test');
    assert.match(out, /^request {3}GET https:\/\/shop\.test\/a$/m);
    await assert.rejects(run(shop({}), url, '--server-name', 'shop.test'), UsageError);
    await assert.rejects(run(shop({}), url, '--tls', '--server-name', 'a b'), UsageError);
  });
});

function log(test: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'sallyport-log-'));
  test.after(() => rmSync(root, { recursive: true, force: true }));
  const path = join(root, 'access.log');
  const line = (target: string, id: string): string =>
    `10.1.1.1 - - [21/Nov/2026:20:00:01 +0000] "POST ${target} HTTP/1.1" 502 12 "-" "-" 80 0.002 [default-web-80] [] 10.1.0.1:8080 12 0.001 502 ${id}\n`;
  const json = {
    request_method: 'GET',
    request_uri: '/a?x',
    host: 'shop.test',
    req_id: 'c3',
    status: 503,
    reason: 'no-endpoint',
  };
  writeFileSync(path, `${line('/b', 'a1')}${line('/a/x', 'b2')}not a line\n${JSON.stringify(json)}\n`);
  return path;
}

describe('sallyport explain: a request of an access log', () => {
  it('is found by its id and decided with what the log knows', async (test) => {
    const path = log(test);
    const words = ['--access-log', path, '--request-id'];
    const { out } = await run(shop(ranges), ...words, 'c3');
    assert.match(
      out,
      /^logged {4}line 4: answered 503, because of no-endpoint; what follows is decided now$/m,
    );
    assert.match(out, /^sends {5}GET \/a\?x$/m);
    const told = await ask(shop(ranges), ...words, 'b2', '-H', 'Host: shop.test');
    assert.deepEqual(
      [told.logged?.line, verdicts(told), told.sentTarget],
      [2, ['source-ranges lets in'], '/a/x'],
    );
  });

  it('says what is missing', async (test) => {
    const path = log(test);
    const words = ['--access-log', path, '--request-id'];
    const unknown = await run(shop({}), ...words, 'zz');
    assert.deepEqual([unknown.code, unknown.out], [1, '']);
    assert.match(
      unknown.err,
      /no request of ".*" has the id "zz", of 3 \(lines left out: 1 not understood; the first is line 3\)/,
    );
    await assert.rejects(run(shop({}), ...words, 'b2'), /does not say the host/);
    await assert.rejects(run(shop({}), '--request-id', 'b2'), /go together/);
    await assert.rejects(run(shop({}), url, ...words, 'b2'), /exclude each other/);
    const gone = await run(shop({}), '--access-log', `${path}.1`, '--request-id', 'x');
    assert.match(gone.err, /cannot read requests from/);
  });
});
