// `sallyport check`: the table, SARIF, colours, what makes it fail, which objects it tells of; objects that were written for ingress-nginx;
// and the objects of a cluster.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { runCheck } from '../../src/cli/check.ts';
import { runExplain } from '../../src/cli/explain.ts';
import { UsageError } from '../../src/config/index.ts';
import { FakeApiHttp } from '../../src/sources/kube/fake-api-http.fixture.ts';
import { FakeApiServer } from '../../src/sources/kube/fake-api-server.fixture.ts';
import { type Captured, runCaptured } from './run-captured.ts';

const check = (words: readonly string[], stdin: string): Promise<Captured> =>
  runCaptured(runCheck, ['-f', '-', ...words], stdin);

const nginx = 'nginx.ingress.kubernetes.io';

const shop = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: shop
  labels: {team: shop}
  annotations:
    ${nginx}/rewrite-target: /
    ${nginx}/rewrite-targt: /
    ${nginx}/secure-backends: "true"
    ${nginx}/enable-modsecurity: "true"
spec:
  ingressClassName: nginx
  rules:
  - host: shop.test
    http:
      paths:
      - path: /a/
        pathType: Prefix
        backend: {service: {name: web, port: {number: 80}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: other, namespace: other, annotations: {${nginx}/use-regx: "true"}}
spec:
  ingressClassName: nginx
  defaultBackend: {service: {name: web, port: {number: 80}}}
`;

const fromNginx = ['--from', 'ingress-nginx'];

/** What a SARIF log must have, as far as these tests read it. */
interface Sarif {
  readonly version: string;
  readonly $schema: string;
  readonly runs: readonly {
    readonly tool: {
      readonly driver: { readonly name: string; readonly rules: readonly { readonly id: string }[] };
    };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: { readonly text: string };
      readonly locations?: readonly {
        readonly physicalLocation?: {
          readonly artifactLocation: { readonly uri: string };
          readonly region?: { readonly startLine: number };
        };
        readonly logicalLocations?: readonly { readonly fullyQualifiedName: string }[];
      }[];
    }[];
  }[];
}

describe('sallyport check: outputs', () => {
  it('prints a block for each object, codes and annotations', async () => {
    const { code, out } = await check([...fromNginx, '-o', 'table', '--only-namespace', 'shop'], shop);
    assert.equal(code, 1);
    assert.equal(
      out,
      `Ingress shop/web  (<stdin>)
  info     QuirkInForce           line 7     metadata.annotations: requests that no rule of host "shop.test" takes get what the annotations of this Ingress say, which is the oldest there, by the quirk "inherit-oldest-settings" of ingress-nginx
  warning  AnnotationUnknown      line 9     metadata.annotations[${nginx}/rewrite-targt]: annotation "${nginx}/rewrite-targt" is not known and has no effect; did you mean "${nginx}/rewrite-target"
  warning  AnnotationUnsupported  line 10    metadata.annotations[${nginx}/secure-backends]: annotation "${nginx}/secure-backends" was removed from ingress-nginx; use "backend-protocol" with "HTTPS"
  error    AnnotationUnsupported  line 11    metadata.annotations[${nginx}/enable-modsecurity]: annotation "${nginx}/enable-modsecurity" is not supported: no annotation replaces rules of ModSecurity: put a web application firewall before the endpoint; all paths of the object answer 503

By code
  AnnotationUnsupported  2
  AnnotationUnknown      1
  QuirkInForce           1

Annotations, and how many Ingresses have them
  ${nginx}/enable-modsecurity  refused         1  known and not followed
  ${nginx}/rewrite-target      understood      1  differs: Captures come from paths that look like a regular expression, matched from their start and in linear time; the result always begins with exactly one /. A $ that is no capture is refused, and so is a capture in the host of an absolute URL.
  ${nginx}/rewrite-targt       unknown         1  has no effect
  ${nginx}/secure-backends     retired         1  was removed from ingress-nginx; use "backend-protocol" with "HTTPS"

2 objects, 1 error, 2 warnings, 1 note
`,
    );
  });

  it('prints SARIF with files and lines', async (test) => {
    const root = mkdtempSync(join(tmpdir(), 'sallyport sarif-'));
    test.after(() => rmSync(root, { recursive: true, force: true }));
    writeFileSync(join(root, 'a b#.yaml'), shop);
    writeFileSync(join(root, 'bad.yaml'), 'kind: [\n');
    const { code, out } = await runCaptured(runCheck, ['-f', root, ...fromNginx, '-o', 'sarif'], '');
    assert.equal(code, 1);
    const { version, $schema, runs } = JSON.parse(out) as Sarif;
    assert.equal(version, '2.1.0');
    assert.match($schema, /sarif-schema-2\.1\.0\.json$/);
    const [run] = runs;
    assert.ok(run !== undefined && runs.length === 1);
    assert.equal(run.tool.driver.name, 'sallyport check');
    for (const { ruleId, ruleIndex, level, message, locations } of run.results) {
      assert.equal(run.tool.driver.rules[ruleIndex]?.id, ruleId);
      assert.ok(['error', 'warning', 'note'].includes(level) && message.text !== '');
      for (const { physicalLocation } of locations ?? [])
        assert.ok((physicalLocation?.region?.startLine ?? 1) >= 1);
    }
    assert.equal(new Set(run.tool.driver.rules.map(({ id }) => id)).size, run.tool.driver.rules.length);
    const missing = run.results.find(({ ruleId }) => ruleId === 'ServiceNotFound')?.locations?.[0];
    assert.match(
      missing?.physicalLocation?.artifactLocation.uri ?? '',
      /^file:\/\/\/.*%20sarif-.*\/a%20b%23\.yaml$/,
    );
    assert.equal(missing?.physicalLocation?.region?.startLine, 27);
    assert.match(
      missing?.logicalLocations?.[0]?.fullyQualifiedName ?? '',
      /^Ingress other\/other spec\.defaultBackend/,
    );
    const piped = JSON.parse((await check([...fromNginx, '-o', 'sarif'], shop)).out) as Sarif;
    assert.ok(
      piped.runs[0]?.results.every(({ locations }) => locations?.[0]?.physicalLocation === undefined),
    );
  });

  it('has colours where the terminal has them, and no others', async () => {
    const told: string[] = [];
    const run = async (hasColors: boolean, output: string): Promise<string> => {
      const terminal = { out: (text: string) => void told.push(text), err: () => {}, hasColors };
      await runCheck(['-f', '-', ...fromNginx, '-o', output], terminal, Readable.from([shop]));
      return told.pop() ?? '';
    };
    for (const output of ['text', 'table']) {
      const colored = await run(true, output);
      assert.ok(colored.includes('\x1b[31merror\x1b[0m'));
      assert.equal(colored.replaceAll(/\x1b\[\d+m/g, ''), await run(false, output));
    }
    for (const output of ['json', 'sarif']) assert.ok(!(await run(true, output)).includes('\x1b'));
  });
});

describe('sallyport check: what it tells, and when it fails', () => {
  const unserved = `apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: c}\nspec: {controller: x/y}\n---\n${shop}`;

  it('fails for the severities that it is told', async () => {
    const codes = async (stdin: string): Promise<number[]> => {
      const found: number[] = [];
      for (const severity of ['error', 'warning', 'info', 'never'])
        found.push((await check(['--fail-on', severity], stdin)).code);
      return found;
    };
    // Only a note: the classes are not ours.
    assert.deepEqual(await codes(unserved), [0, 0, 1, 0]);
    assert.deepEqual(await codes('kind: ['), [1, 1, 1, 0]);
    await assert.rejects(check(['--fail-on', 'fatal'], shop), UsageError);
  });

  it('tells of the objects that are chosen by namespace and labels, and of files', async () => {
    const told = async (stdin: string, ...words: string[]): Promise<readonly string[]> => {
      const { out } = await check([...fromNginx, '-o', 'json', ...words], stdin);
      const { findings } = JSON.parse(out) as { findings: readonly { object: { name: string } | null }[] };
      return [...new Set(findings.map(({ object }) => object?.name ?? 'a file'))].sort();
    };
    assert.deepEqual(await told(shop), ['other', 'web']);
    assert.deepEqual(await told(shop, '--only-namespace', 'other'), ['other']);
    assert.deepEqual(await told(shop, '-l', 'team in (shop)'), ['web']);
    assert.deepEqual(await told(shop, '-l', '!team'), ['other']);
    assert.deepEqual(await told('kind: [', '--only-namespace', 'other'), ['a file']);
    const refused =
      'apiVersion: v1\nkind: Service\nmetadata: {name: bad, namespace: other}\nspec: {ports: 1}\n';
    assert.deepEqual(await told(refused, '--only-namespace', 'other', '-l', 'a=b'), ['bad']);
    assert.deepEqual(await told(refused, '--only-namespace', 'shop'), []);
    await assert.rejects(check(['-l', 'a=(b'], shop), UsageError);
  });

  it('reads objects that were written for ingress-nginx as ours, unless flags say otherwise', async () => {
    const { out: ours } = await check(fromNginx, shop);
    assert.doesNotMatch(ours, /ClassNotServed/);
    assert.match(ours, /2 objects, /);
    const { out: named } = await check(
      [...fromNginx, '--ingress-class', 'edge', '--controller-class', 'a/b'],
      shop,
    );
    assert.match(named, /class "nginx" does not exist \[ClassNotServed\]/);
    const classless = shop.replaceAll('  ingressClassName: nginx\n', '');
    assert.match(
      (await check(fromNginx, classless)).out,
      /it names no class, and such Ingresses are not served/,
    );
  });

  it('tells of quirks that an Ingress depends on, and of the ConfigMap', async () => {
    const settings =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: i}\ndata: {server-tokns: "x", main-snippet: "y"}\n---\n';
    const plain = shop
      .replace(/ {4}nginx[^\n]*modsecurity[^\n]*\n/, '')
      .replace(/ {4}[^\n]*rewrite[^\n]*\n/g, '');
    const { out } = await check([...fromNginx, '--configmap', 'i/c'], settings + plain);
    assert.match(out, /info: Ingress shop\/web: .*\[QuirkInForce\]/);
    assert.match(
      out,
      /ConfigMap i\/c: data\.?\[?server-tokns.*did you mean "server-tokens".*\[SettingUnknown\]/,
    );
    assert.match(out, /ConfigMap i\/c: .*main-snippet.*\[SettingUnsupported\]/);
    assert.doesNotMatch((await check([...fromNginx, '--compatibility', 'none'], plain)).out, /QuirkInForce/);
  });
});

const collections = [
  '/apis/networking.k8s.io/v1/ingresses',
  '/apis/networking.k8s.io/v1/ingressclasses',
  '/api/v1/services',
  '/api/v1/secrets',
  '/api/v1/configmaps',
  '/api/v1/namespaces',
  '/apis/discovery.k8s.io/v1/endpointslices',
  '/apis/sallyport.dev/v1alpha1/sallyportparameters',
];

async function cluster(test: TestContext): Promise<{ api: FakeApiServer; kubeconfig: string }> {
  const api = new FakeApiServer(collections);
  const http = new FakeApiHttp(api);
  const server = await http.listen();
  const root = mkdtempSync(join(tmpdir(), 'sallyport-cluster-'));
  test.after(() => {
    http.stop();
    rmSync(root, { recursive: true, force: true });
  });
  const kubeconfig = join(root, 'config');
  writeFileSync(
    kubeconfig,
    `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "${server.href}"}}]
users: [{name: u, user: {}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
current-context: c
`,
  );
  return { api, kubeconfig };
}

describe('sallyport check: a cluster', () => {
  it('is read once, and nothing is written', async (test) => {
    const { api, kubeconfig } = await cluster(test);
    api.put(collections[1] ?? '', 'nginx', { spec: { controller: 'k8s.io/ingress-nginx' } });
    api.put(collections[0] ?? '', 'shop/web', {
      annotations: { [`${nginx}/use-regx`]: 'true' },
      spec: { ingressClassName: 'nginx', defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
    });
    const { code, out } = await runCaptured(runCheck, ['--kubeconfig', kubeconfig, ...fromNginx], '');
    assert.equal(code, 1);
    assert.match(out, /^warning: Ingress shop\/web: .*did you mean.*\[AnnotationUnknown\]/m);
    assert.match(out, /^error: Ingress shop\/web: .*"shop\/web" does not exist \[ServiceNotFound\]/m);
    assert.ok(api.calls.every(({ method }) => method === 'GET'));
  });

  it('is what explain decides by, with endpoints of its own machine where it is told so', async (test) => {
    const { api, kubeconfig } = await cluster(test);
    const backend = { service: { name: 'web', port: { number: 80 } } };
    const rules = [{ host: 'a.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
    api.put(collections[0] ?? '', 'shop/web', { spec: { rules } });
    api.put('/api/v1/services', 'shop/web', { spec: { ports: [{ port: 80 }] } });
    api.put('/apis/discovery.k8s.io/v1/endpointslices', 'shop/web-1', {
      labels: { 'kubernetes.io/service-name': 'web' },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['127.0.0.1'] }],
      ports: [{ name: '', port: 8080 }],
    });
    const words = ['http://a.test/x', '--kubeconfig', kubeconfig];
    const { out } = await runCaptured(runExplain, words, '');
    assert.match(out, /^answer {4}503, by the proxy itself: no-endpoint$/m);
    assert.match(out, /^change {4}Ingress shop\/web spec\.rules\[0\]/m);
    const standing = await runCaptured(runExplain, [...words, '--loopback-endpoints'], '');
    assert.match(standing.out, /^ {2}127\.0\.0\.1:8080$/m);
    assert.match(standing.out, /^sends {5}GET \/x$/m);
  });

  it('that does not answer is told, as is wrong use', async (test) => {
    const { api, kubeconfig } = await cluster(test);
    api.faults.push(() => ({ status: 500, value: {}, retryAfterMs: null }));
    const words = ['--kubeconfig', kubeconfig, '--cluster-timeout', '200ms'];
    const { code, err } = await runCaptured(runCheck, words, '');
    assert.equal(code, 1);
    assert.match(err, /the objects of http:\/\/127\.0\.0\.1:\d+\/ could not be read within 200 ms/);
    await assert.rejects(check(['--kubeconfig', kubeconfig], shop), /exclude each other/);
    await assert.rejects(runCaptured(runCheck, ['--kubeconfig', '/no/such'], ''), UsageError);
  });
});
