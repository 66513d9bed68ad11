// KubeSource on a fake API server: the first delivery, later ones, broken objects, optional resources, scopes, loss of contact.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiUnavailableError } from './api-client.ts';
import { refusal } from './fake-api-server.fixture.ts';
import { ingressFields, KubeSourceBench, paths } from './kube-source-bench.fixture.ts';
import type { ParametersChange } from './parameters-change.ts';

const away = new ApiUnavailableError('away');

describe('KubeSource delivers', () => {
  it('everything at first, as one change, once all lists are there', async (test) => {
    const bench = new KubeSourceBench(test);
    const { server, source } = bench;
    server.put(paths.ingresses, 'shop/web', ingressFields());
    server.put(paths.classes, 'main', { spec: { controller: 'c' } });
    server.put(paths.services, 'shop/web', { spec: { ports: [{ port: 80 }] } });
    server.put(paths.slices, 'shop/web-1', { addressType: 'IPv4', endpoints: [], ports: [{ port: 80 }] });
    server.put(paths.secrets, 'shop/tls', { type: 'kubernetes.io/tls', data: { 'tls.crt': 'eA==' } });
    let isSlow = true;
    server.faults.push(({ path }) => (path === paths.slices && isSlow ? away : null));
    void source.start();
    await bench.timing.advance(20_000);
    assert.equal(bench.deliveries.length, 0);
    assert.equal(source.isHealthy(), false);
    isSlow = false;
    await bench.timing.advance(60_000);
    const { lines, changes, failures } = await bench.next();
    assert.deepEqual(lines, [
      '+EndpointSlice/shop/web-1',
      '+Ingress/shop/web',
      '+IngressClass//main',
      '+Secret/shop/tls',
      '+Service/shop/web',
    ]);
    assert.deepEqual(failures, []);
    assert.equal(source.isHealthy(), true);
    await source.waitForSync();
    const service = changes.find((change) => change.kind === 'set' && change.object.kind === 'Service');
    assert.ok(service?.kind === 'set' && service.object.kind === 'Service');
    // With kind and version, which lists leave out, and with defaults.
    assert.equal(service.object.apiVersion, 'v1');
    assert.deepEqual(service.object.spec.ports, [{ protocol: 'TCP', port: 80, targetPort: 80 }]);
  });

  it('nothing at all at first where there is nothing', async (test) => {
    const bench = new KubeSourceBench(test);
    assert.deepEqual((await bench.start()).lines, []);
  });

  it('later changes within a moment as one, the last of each object', async (test) => {
    const bench = new KubeSourceBench(test);
    await bench.start();
    bench.server.put(paths.ingresses, 'shop/a', ingressFields());
    bench.server.put(paths.ingresses, 'shop/a', ingressFields('tls'));
    bench.server.put(paths.ingresses, 'shop/b', ingressFields());
    bench.server.delete(paths.ingresses, 'shop/b');
    const { lines, changes } = await bench.next();
    assert.deepEqual(lines, ['+Ingress/shop/a', '-Ingress/shop/b']);
    const [first] = changes;
    assert.ok(first?.kind === 'set' && first.object.kind === 'Ingress');
    assert.deepEqual(first.object.spec?.tls, [{ secretName: 'tls' }]);
  });

  it('objects without who owns their fields, and with fields that nobody knows left out', async (test) => {
    const bench = new KubeSourceBench(test);
    bench.server.put(paths.ingresses, 'shop/a', { spec: { novelty: 1, ingressClassName: 'x' } });
    const raw = bench.server.get(paths.ingresses, 'shop/a');
    Object.assign(raw?.metadata ?? {}, { managedFields: [{ manager: 'm' }] });
    const { changes, failures } = await bench.start();
    const [change] = changes;
    assert.ok(change?.kind === 'set');
    assert.equal('managedFields' in change.object.metadata, false);
    assert.deepEqual('spec' in change.object ? change.object.spec : null, { ingressClassName: 'x' });
    assert.deepEqual(failures, []);
  });

  it('the last good version of an object that cannot be read, with a failure until it can', async (test) => {
    const bench = new KubeSourceBench(test);
    const { server } = bench;
    server.put(paths.ingresses, 'shop/bad', { spec: { rules: 'none' } });
    server.put(paths.ingresses, 'shop/good', ingressFields());
    const first = await bench.start();
    assert.deepEqual(first.lines, ['+Ingress/shop/good']);
    assert.deepEqual(first.failures, [
      {
        file: '<cluster>',
        line: 0,
        severity: 'error',
        code: 'InvalidObject',
        object: { kind: 'Ingress', namespace: 'shop', name: 'bad' },
        field: '',
        message:
          'Ingress in version "v1" cannot be handled as a Ingress: json: cannot unmarshal string into Go struct field IngressSpec.spec.rules of type []v1.IngressRule',
        lastGoodServes: false,
      },
    ]);
    server.put(paths.ingresses, 'shop/good', { spec: 7 });
    const second = await bench.next();
    assert.deepEqual(second.lines, []);
    assert.deepEqual(
      second.failures.map(({ object, lastGoodServes }) => [object?.name, lastGoodServes]),
      [
        ['bad', false],
        ['good', true],
      ],
    );
    server.put(paths.ingresses, 'shop/good', ingressFields());
    server.delete(paths.ingresses, 'shop/bad');
    const third = await bench.next();
    assert.deepEqual(third.lines, ['+Ingress/shop/good']);
    assert.deepEqual(third.failures, []);
  });

  it('nothing after it was stopped', async (test) => {
    const bench = new KubeSourceBench(test);
    await bench.start();
    bench.server.put(paths.ingresses, 'shop/a', ingressFields());
    await bench.source.stop();
    assert.equal(bench.server.openWatches, 0);
    assert.deepEqual(bench.deliveries, []);
    const early = new KubeSourceBench(test);
    early.server.faults.push(() => away);
    const started = early.source.start();
    await early.source.stop();
    await started;
    assert.deepEqual(early.deliveries, []);
    assert.deepEqual(
      early.log.filter((line) => line.includes('is back')),
      [],
    );
  });
});

describe('KubeSource without contact', () => {
  it('keeps everything, says so once, and says when it is back', async (test) => {
    const bench = new KubeSourceBench(test);
    const { server, source, timing } = bench;
    server.put(paths.ingresses, 'shop/a', ingressFields());
    await bench.start();
    server.faults.push(() => away);
    server.endWatches(away);
    await timing.advance(600_000);
    assert.deepEqual(bench.deliveries, []);
    assert.equal(source.isHealthy(), false);
    const row = source.metrics().find(({ resource }) => resource === 'ingresses');
    assert.equal(row?.isStale, true);
    assert.equal(row?.objects, 1);
    server.faults.length = 0;
    server.put(paths.services, 'shop/b', { spec: {} });
    await timing.advance(60_000);
    assert.deepEqual((await bench.next()).lines, ['+Service/shop/b']);
    assert.equal(source.isHealthy(), true);
    assert.equal(bench.log.length, 2);
    assert.match(bench.log[0] ?? '', /^warn contact with the API server is lost; .*"reason":"away"/);
    assert.match(bench.log[1] ?? '', /^info contact with the API server is back \{"seconds":6\d\d\}$/);
  });

  it('says what it may not read', async (test) => {
    const bench = new KubeSourceBench(test);
    bench.forbid((path) => path === paths.services);
    void bench.source.start();
    await bench.timing.advance(200_000);
    assert.deepEqual(bench.deliveries, []);
    assert.equal(bench.log.length, 1);
    assert.match(bench.log[0] ?? '', /does not let this program read .*services is forbidden/);
  });

  it('does not fill the log while contact comes and goes', async (test) => {
    const bench = new KubeSourceBench(test);
    await bench.start();
    for (let second = 0; second < 120; second += 1) {
      bench.server.endWatches(away);
      await bench.timing.advance(1_000);
    }
    assert.ok(bench.log.length <= 10, `${bench.log.length} lines`);
  });
});

describe('KubeSource and optional resources', () => {
  it('goes on without IngressClasses that it may not read, and takes them once it may', async (test) => {
    const bench = new KubeSourceBench(test);
    bench.server.put(paths.classes, 'main', { spec: { controller: 'c' } });
    bench.forbid((path) => path === paths.classes);
    assert.deepEqual((await bench.start()).lines, []);
    await bench.timing.advance(300_000);
    assert.equal(bench.log.length, 1);
    assert.match(bench.log[0] ?? '', /^warn IngressClasses may not be read; /);
    assert.equal(bench.source.isHealthy(), true);
    bench.server.faults.length = 0;
    await bench.timing.advance(80_000);
    assert.deepEqual((await bench.next()).lines, ['+IngressClass//main']);
  });

  it('takes parameters once their kind is served, as objects and as plain values', async (test) => {
    const told: ParametersChange[] = [];
    const bench = new KubeSourceBench(test, { onParameters: (changes) => told.push(...changes) });
    await bench.start();
    assert.deepEqual(bench.log, []);
    bench.server.serve(paths.parameters);
    bench.server.put(paths.parameters, 'fast', { spec: { settings: { a: '1' } } });
    await bench.timing.advance(80_000);
    assert.deepEqual((await bench.next()).lines, ['+SallyportParameters//fast']);
    bench.server.delete(paths.parameters, 'fast');
    assert.deepEqual((await bench.next()).lines, ['-SallyportParameters//fast']);
    assert.deepEqual(told, [
      { name: 'fast', settings: { a: '1' }, generation: 0, uid: 'uid-1' },
      { name: 'fast', settings: null, generation: 0, uid: '' },
    ]);
  });
});

describe('KubeSource at a class that names parameters', () => {
  it('looks at once whether their kind is served by now', async (test) => {
    const bench = new KubeSourceBench(test);
    await bench.start();
    await bench.timing.advance(300_000);
    bench.server.serve(paths.parameters);
    bench.server.put(paths.parameters, 'fast', { spec: { settings: { a: '1' } } });
    const named = { apiGroup: 'sallyport.dev', kind: 'SallyportParameters', name: 'fast', scope: 'Cluster' };
    bench.server.put(paths.classes, 'main', { spec: { controller: 'c', parameters: named } });
    await bench.timing.settle();
    assert.deepEqual((await bench.next()).lines, ['+IngressClass//main', '+SallyportParameters//fast']);
  });
});

describe('KubeSource reads', () => {
  it('one namespace, and nothing of others', async (test) => {
    const bench = new KubeSourceBench(test, { scope: { kind: 'namespace', name: 'shop' } });
    bench.forbid(
      (path) => path.startsWith('/api') && !path.includes('/namespaces/shop/') && path !== paths.classes,
    );
    bench.server.put(paths.ingresses, 'shop/a', ingressFields());
    bench.server.put(paths.ingresses, 'other/a', ingressFields());
    bench.server.put(paths.classes, 'main', { spec: { controller: 'c' } });
    assert.deepEqual((await bench.start()).lines, ['+Ingress/shop/a', '+IngressClass//main']);
    assert.deepEqual(bench.log, []);
  });

  it('the namespaces that match a selector, as they come and go', async (test) => {
    const bench = new KubeSourceBench(test, { scope: { kind: 'selector', selector: 'team in (a, b)' } });
    const { server, timing } = bench;
    const objects = (namespace: string): void => {
      server.put(paths.ingresses, `${namespace}/x`, ingressFields());
      server.put(paths.services, `${namespace}/x`, { spec: {} });
    };
    server.put(paths.namespaces, 'one', { labels: { team: 'a' } });
    server.put(paths.namespaces, 'two', { labels: { team: 'c' } });
    objects('one');
    objects('two');
    assert.deepEqual((await bench.start()).lines, ['+Ingress/one/x', '+Service/one/x']);
    server.put(paths.namespaces, 'two', { labels: { team: 'b' } });
    await timing.settle();
    assert.deepEqual((await bench.next()).lines, ['+Ingress/two/x', '+Service/two/x']);
    server.put(paths.namespaces, 'one', { labels: {} });
    await timing.settle();
    assert.deepEqual((await bench.next()).lines, ['-Ingress/one/x', '-Service/one/x']);
    objects('one');
    server.put(paths.ingresses, 'two/y', ingressFields());
    assert.deepEqual((await bench.next()).lines, ['+Ingress/two/y']);
    server.put(paths.namespaces, 'one', { labels: { team: 'a' } });
    await timing.settle();
    await bench.next();
    assert.deepEqual([...bench.known].sort(), [
      'Ingress/one/x',
      'Ingress/two/x',
      'Ingress/two/y',
      'Service/one/x',
      'Service/two/x',
    ]);
    assert.ok(
      server.calls.every(
        ({ path }) => path.includes('/namespaces') || path.includes('parameters') || path === paths.classes,
      ),
    );
  });

  it('keeps the objects of all namespaces while the list of namespaces fails', async (test) => {
    const bench = new KubeSourceBench(test, { scope: { kind: 'selector', selector: 'team' } });
    bench.server.put(paths.namespaces, 'one', { labels: { team: 'a' } });
    bench.server.put(paths.ingresses, 'one/x', ingressFields());
    await bench.start();
    bench.server.faults.push(({ path }) => (path === paths.namespaces ? refusal(410, 'Expired') : null));
    bench.server.endWatches(away, paths.namespaces);
    await bench.timing.advance(600_000);
    assert.deepEqual(bench.deliveries, []);
  });

  it('no selector that is none', (test) => {
    assert.throws(
      () => new KubeSourceBench(test, { scope: { kind: 'selector', selector: 'a in' } }),
      /^Error: namespace selector "a in": unable to parse requirement: found '' expected: '\('$/,
    );
  });
});
