// What KubeSource reads by name: Secrets that it may not list, ConfigMaps, and objects outside of its namespaces.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiUnavailableError } from './api-client.ts';
import { refusal } from './fake-api-server.fixture.ts';
import { ingressFields, KubeSourceBench, paths } from './kube-source-bench.fixture.ts';

const tls = { type: 'kubernetes.io/tls', data: {} };
const isList = (path: string): boolean => path.endsWith('/secrets');
const away = new ApiUnavailableError('away');

describe('KubeSource lists Secrets', () => {
  it('but not those of types that no Ingress can use', async (test) => {
    const bench = new KubeSourceBench(test);
    bench.server.put(paths.secrets, 'shop/tls', tls);
    bench.server.put(paths.secrets, 'shop/auth', { type: 'Opaque' });
    bench.server.put(paths.secrets, 'shop/release', { type: 'helm.sh/release.v1' });
    assert.deepEqual((await bench.start()).lines, ['+Secret/shop/auth', '+Secret/shop/tls']);
  });
});

describe('KubeSource reads Secrets by name', () => {
  /** Secrets may not be listed, but each may be watched by its name. */
  function watchable(bench: KubeSourceBench): void {
    bench.forbid(
      (path, query) => isList(path) && !(query['fieldSelector'] ?? '').startsWith('metadata.name='),
    );
  }

  /** Secrets may only be got. */
  function gettable(bench: KubeSourceBench): void {
    bench.forbid((path) => isList(path));
  }

  for (const [means, restrict] of [
    ['watches', watchable],
    ['questions', gettable],
  ] as const) {
    it(`with ${means}, those that Ingresses name, within the first delivery`, async (test) => {
      const bench = new KubeSourceBench(test);
      restrict(bench);
      bench.server.put(paths.secrets, 'shop/tls', tls);
      bench.server.put(paths.secrets, 'shop/unused', tls);
      bench.server.put(paths.ingresses, 'shop/a', ingressFields('tls'));
      bench.server.put(paths.ingresses, 'shop/b', ingressFields('tls'));
      bench.server.put(paths.ingresses, 'shop/c', ingressFields('missing'));
      const { lines } = await bench.start();
      assert.deepEqual(lines, ['+Ingress/shop/a', '+Ingress/shop/b', '+Ingress/shop/c', '+Secret/shop/tls']);
      assert.equal(bench.log.length, 1);
      assert.match(bench.log[0] ?? '', /^warn Secrets may not be listed; /);
    });
  }

  it('with watches, which see every change', async (test) => {
    const bench = new KubeSourceBench(test);
    const { server, timing } = bench;
    watchable(bench);
    server.put(paths.ingresses, 'shop/a', ingressFields('tls'));
    await bench.start();
    server.put(paths.secrets, 'shop/tls', tls);
    assert.deepEqual((await bench.next()).lines, ['+Secret/shop/tls']);
    server.put(paths.ingresses, 'shop/a', ingressFields('other'));
    server.put(paths.secrets, 'shop/other', tls);
    await bench.until('-Secret/shop/tls');
    await timing.settle();
    if (!bench.known.has('Secret/shop/other')) await bench.until('+Secret/shop/other');
    server.delete(paths.secrets, 'shop/other');
    await bench.until('-Secret/shop/other');
  });

  it('with watches again after a server that was starting refused everything for a while', async (test) => {
    const bench = new KubeSourceBench(test);
    const { server, timing } = bench;
    watchable(bench);
    server.put(paths.ingresses, 'shop/a', ingressFields('tls'));
    server.put(paths.secrets, 'shop/tls', tls);
    await bench.start();
    server.faults.unshift(() => refusal(403, 'Forbidden'));
    server.endWatches();
    await timing.advance(10_000);
    server.faults.shift();
    await timing.advance(60_000);
    server.put(paths.secrets, 'shop/tls', tls);
    assert.deepEqual((await bench.next()).lines, ['+Secret/shop/tls']);
    assert.deepEqual(
      server.calls.filter(({ path }) => path.endsWith('/secrets/tls')),
      [],
      'nobody asks for it by name',
    );
  });

  it('with questions, once a minute and soon after a change of the Ingress', async (test) => {
    const bench = new KubeSourceBench(test);
    const { server, timing } = bench;
    gettable(bench);
    server.put(paths.ingresses, 'shop/a', ingressFields('tls'));
    await bench.start();
    server.put(paths.secrets, 'shop/tls', tls);
    await timing.advance(70_000);
    assert.deepEqual((await bench.next()).lines, ['+Secret/shop/tls']);
    server.put(paths.secrets, 'shop/tls', { ...tls, data: { a: 'eA==' } });
    server.put(paths.ingresses, 'shop/a', ingressFields('tls'));
    await timing.advance(3_000);
    await bench.until('+Secret/shop/tls');
    server.faults.push(() => away);
    server.delete(paths.secrets, 'shop/tls');
    await timing.advance(300_000);
    assert.ok(bench.known.has('Secret/shop/tls'));
    server.faults.pop();
    // The answer of something that is not the API server.
    server.faults.push(({ path }) =>
      path.endsWith('/tls')
        ? { status: 404, value: { code: 404, message: 'nothing here' }, retryAfterMs: null }
        : null,
    );
    await timing.advance(300_000);
    assert.ok(bench.known.has('Secret/shop/tls'));
    server.faults.pop();
    await timing.advance(100_000);
    await bench.until('-Secret/shop/tls');
  });

  it('those that it is told to instead, once it is told', async (test) => {
    const bench = new KubeSourceBench(test);
    gettable(bench);
    bench.server.put(paths.ingresses, 'shop/a', ingressFields('tls'));
    bench.server.put(paths.secrets, 'shop/tls', tls);
    bench.server.put(paths.secrets, 'shop/auth', { type: 'Opaque' });
    await bench.start();
    bench.source.wantSecrets(['shop/auth']);
    // A refusal of the watch is believed at the second time.
    await bench.timing.advance(2_000);
    await bench.until('+Secret/shop/auth');
    assert.equal(bench.known.has('Secret/shop/tls'), false);
    bench.source.wantSecrets([]);
    await bench.until('-Secret/shop/auth');
  });

  it('until they may be listed, without a gap', async (test) => {
    const bench = new KubeSourceBench(test);
    const { server, timing } = bench;
    gettable(bench);
    for (const name of ['kept', 'gone']) {
      server.put(paths.secrets, `shop/${name}`, tls);
      server.put(paths.ingresses, `shop/${name}`, ingressFields(name));
    }
    await bench.start();
    server.faults.length = 0;
    server.delete(paths.secrets, 'shop/gone');
    server.put(paths.secrets, 'shop/new', tls);
    await timing.advance(80_000);
    await bench.until('-Secret/shop/gone');
    while (!bench.known.has('Secret/shop/new')) await bench.next();
    assert.ok(bench.known.has('Secret/shop/kept'));
    const gets = server.calls.filter(({ path }) => path.endsWith('/secrets/kept')).length;
    await timing.advance(300_000);
    assert.equal(server.calls.filter(({ path }) => path.endsWith('/secrets/kept')).length, gets);
  });

  it('when they may be listed no longer, without losing any', async (test) => {
    const bench = new KubeSourceBench(test);
    const { server, timing } = bench;
    server.put(paths.secrets, 'shop/tls', tls);
    server.put(paths.ingresses, 'shop/a', ingressFields('tls'));
    await bench.start();
    gettable(bench);
    server.endWatches(undefined, paths.secrets);
    await timing.advance(120_000);
    server.put(paths.secrets, 'shop/tls', { ...tls, data: { a: 'eA==' } });
    await timing.advance(120_000);
    await bench.until('+Secret/shop/tls');
    assert.ok(bench.known.has('Secret/shop/tls'));
  });

  it('only by name when asked to', async (test) => {
    const bench = new KubeSourceBench(test, { secretReads: 'named' });
    bench.server.put(paths.secrets, 'shop/tls', tls);
    bench.server.put(paths.secrets, 'shop/unused', tls);
    bench.server.put(paths.ingresses, 'shop/a', ingressFields('tls'));
    assert.deepEqual((await bench.start()).lines, ['+Ingress/shop/a', '+Secret/shop/tls']);
    assert.ok(bench.server.calls.every(({ path }) => path !== paths.secrets));
  });

  it('and says once of each that it may not be read at all', async (test) => {
    const bench = new KubeSourceBench(test);
    bench.forbid((path) => path.includes('/secrets'));
    bench.server.put(paths.ingresses, 'shop/a', ingressFields('tls'));
    assert.deepEqual((await bench.start()).lines, ['+Ingress/shop/a']);
    await bench.timing.advance(600_000);
    assert.deepEqual(bench.log.slice(1), [
      'warn an object that is referred to may not be read {"resource":"secrets","object":"shop/tls"}',
    ]);
  });

  it('and does not wait for one that cannot be read for long', async (test) => {
    const bench = new KubeSourceBench(test);
    gettable(bench);
    bench.server.faults.push(({ path }) => (path.endsWith('/tls') ? refusal(500, 'InternalError') : null));
    bench.server.put(paths.ingresses, 'shop/a', ingressFields('tls'));
    void bench.source.start();
    // Ten seconds, after the one in which the list is refused twice.
    await bench.timing.advance(10_000);
    assert.deepEqual(bench.deliveries, []);
    await bench.timing.advance(2_000);
    assert.deepEqual((await bench.next()).lines, ['+Ingress/shop/a']);
  });

  it('with a bounded number of watches', async (test) => {
    const bench = new KubeSourceBench(test, { secretReads: 'named' });
    for (let index = 0; index < 200; index += 1) {
      bench.server.put(paths.secrets, `shop/s${index}`, tls);
      bench.server.put(paths.ingresses, `shop/i${index}`, ingressFields(`s${index}`));
    }
    assert.equal((await bench.start()).lines.length, 400);
    // And four for the lists that are always read.
    assert.ok(bench.server.openWatches <= 64 + 4, `${bench.server.openWatches} watches`);
  });
});

describe('KubeSource reads by name', () => {
  it('ConfigMaps of the options, of the classes of its controller, or those that it is told to', async (test) => {
    const bench = new KubeSourceBench(test, {
      controllerName: 'ours',
      named: { configMaps: ['system/main'] },
    });
    const { server } = bench;
    const classOf = (controller: string, name: string): Readonly<Record<string, unknown>> => ({
      spec: { controller, parameters: { kind: 'ConfigMap', name, scope: 'Namespace', namespace: 'system' } },
    });
    for (const name of ['main', 'class', 'foreign', 'extra', 'unused'])
      server.put(paths.configMaps, `system/${name}`);
    server.put(paths.classes, 'a', classOf('ours', 'class'));
    server.put(paths.classes, 'b', classOf('theirs', 'foreign'));
    const { lines } = await bench.start();
    assert.deepEqual(lines, [
      '+ConfigMap/system/class',
      '+ConfigMap/system/main',
      '+IngressClass//a',
      '+IngressClass//b',
    ]);
    bench.source.wantConfigMaps(['system/extra']);
    await bench.timing.settle();
    await bench.until('+ConfigMap/system/extra');
    assert.deepEqual([...bench.known].filter((ref) => ref.startsWith('ConfigMap')).sort(), [
      'ConfigMap/system/extra',
      'ConfigMap/system/main',
    ]);
    server.put(paths.configMaps, 'system/main', { data: { a: 'b' } });
    await bench.until('+ConfigMap/system/main');
  });

  it('ConfigMaps that Ingresses name for fields, of their own namespace and as long as they do', async (test) => {
    const bench = new KubeSourceBench(test, {});
    const { server } = bench;
    const naming = (name: string, key = 'auth-proxy-set-headers'): Readonly<Record<string, unknown>> => ({
      annotations: { [`nginx.ingress.kubernetes.io/${key}`]: name },
      spec: {},
    });
    for (const key of ['shop/fields', 'shop/unused', 'other/fields']) server.put(paths.configMaps, key);
    server.put(paths.ingresses, 'shop/web', naming('shop/fields'));
    server.put(paths.ingresses, 'shop/foreign', naming('other/fields'));
    server.put(paths.ingresses, 'shop/odd', naming('shop/a/b'));
    await bench.start();
    const known = (): string[] => [...bench.known].filter((ref) => ref.startsWith('ConfigMap'));
    assert.deepEqual(known(), ['ConfigMap/shop/fields']);
    server.put(paths.ingresses, 'shop/web', { spec: {} });
    await bench.timing.settle();
    await bench.until('-ConfigMap/shop/fields');
    assert.deepEqual(known(), []);
    server.put(paths.ingresses, 'shop/web', naming('unused', 'fastcgi-params-configmap'));
    await bench.timing.settle();
    await bench.until('+ConfigMap/shop/unused');
    assert.deepEqual(known(), ['ConfigMap/shop/unused']);
  });

  it('Secrets, and Services with their endpoints, outside of its namespace', async (test) => {
    const bench = new KubeSourceBench(test, {
      scope: { kind: 'namespace', name: 'shop' },
      named: { secrets: ['system/default', 'shop/tls'], services: ['system/fallback', 'shop/web'] },
    });
    const { server } = bench;
    for (const key of ['system/default', 'system/unused', 'shop/tls']) server.put(paths.secrets, key, tls);
    for (const key of ['system/fallback', 'system/unused', 'shop/web']) {
      server.put(paths.services, key, { spec: {} });
      const labels = { 'kubernetes.io/service-name': key.split('/')[1] ?? '' };
      server.put(paths.slices, `${key}-1`, { labels, addressType: 'IPv4', endpoints: [] });
    }
    assert.deepEqual((await bench.start()).lines, [
      '+EndpointSlice/shop/web-1',
      '+EndpointSlice/system/fallback-1',
      '+Secret/shop/tls',
      '+Secret/system/default',
      '+Service/shop/web',
      '+Service/system/fallback',
    ]);
  });
});
