// Annotations of Services: what they set, and what is told of bad and unknown ones.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultUpstreamSettings } from '../model/index.ts';
import {
  readProblems,
  sampleIngress,
  sampleRule,
  sampleService,
  sampleSlice,
  translateSample,
} from './sample-objects.fixture.ts';
import { serviceAnnotations } from './service-annotation-list.ts';

function translate(annotations: Readonly<Record<string, string>>) {
  const service = sampleService();
  const annotated = { ...service, metadata: { ...service.metadata, annotations } };
  const ingress = sampleIngress({ rules: [sampleRule('a.test', ['/'])] });
  const { table, problems } = translateSample([ingress, annotated, sampleSlice(['10.0.0.1'])]);
  return { settings: table.upstreams.get('shop/app:80')?.settings, problems: readProblems(problems) };
}

function own(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [`sallyport.dev/${name}`, text]));
}

describe('annotations of Services', () => {
  it('are absent from the table where there are none of ours', () => {
    assert.deepEqual(translate({ 'other.dev/slow-start': '5s' }), { settings: undefined, problems: [] });
  });

  it('set everything', () => {
    const { settings, problems } = translate(
      own({
        'slow-start': '30s',
        'health-check': 'http',
        'health-check-path': '/healthz?full=1',
        'health-check-host': 'shop.example.com:8080',
        'health-check-grpc-service': 'shop.Cart',
        'health-check-interval': '1m',
        'health-check-timeout': '500ms',
        'health-check-failures': '5',
        'health-check-successes': '1',
        'max-requests-per-endpoint': '50',
        'max-waiting-requests': '0',
        'max-waiting-time': '2s',
        'outlier-ejection': 'success-rate',
        'outlier-interval': '30s',
        'outlier-min-endpoints': '3',
        'outlier-min-requests': '20',
        'outlier-deviation': '1.25',
        'adaptive-limit': 'on',
        'adaptive-limit-min': '2',
        'adaptive-limit-max': '64',
        'adaptive-limit-tolerance': '100',
      }),
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(settings, {
      slowStartMs: 30_000,
      maxActive: 50,
      maxWaiting: 0,
      maxWaitMs: 2_000,
      check: {
        kind: 'http',
        path: '/healthz?full=1',
        host: 'shop.example.com:8080',
        grpcService: 'shop.Cart',
        intervalMs: 60_000,
        timeoutMs: 500,
        failures: 5,
        successes: 1,
      },
      outliers: { isOn: true, intervalMs: 30_000, minEndpoints: 3, minRequests: 20, deviations: 1.25 },
      adaptiveLimit: { isOn: true, min: 2, max: 64, tolerancePercent: 100 },
    });
    assert.equal(serviceAnnotations.length, 21);
  });

  it('that are bad have no effect and are told, beside others that are good', () => {
    const bad: readonly (readonly [string, readonly string[]])[] = [
      ['slow-start', ['', '5', '0s', '25h', '-1s', '1.5s']],
      ['health-check', ['HTTP', 'grpcs', '', 'off']],
      ['health-check-grpc-service', ['a b', 'ä', 'x'.repeat(257), 'a\r\nb']],
      ['outlier-ejection', ['on', 'true', '']],
      ['outlier-interval', ['999ms', '10']],
      ['outlier-min-endpoints', ['1', '1001', '2.5']],
      ['outlier-min-requests', ['0', '']],
      ['outlier-deviation', ['0', '10.1', '1,9', '1e1', '.5', 'NaN']],
      ['adaptive-limit', ['true', 'On']],
      ['adaptive-limit-min', ['0', '-1']],
      ['adaptive-limit-max', ['0', '100001']],
      ['adaptive-limit-tolerance', ['4', '1001', '50%']],
      ['health-check-path', ['x', '', '/a b', '/a\r\nHost: b', '/ä', `/${'a'.repeat(1_024)}`]],
      ['health-check-host', ['', 'a b', 'a\r\nb', 'a/b']],
      ['health-check-interval', ['999ms', '10']],
      ['health-check-timeout', ['99ms']],
      ['health-check-failures', ['0', '101', 'x']],
      ['max-requests-per-endpoint', ['0', '-1']],
      ['max-waiting-requests', ['100001']],
    ];
    for (const [name, texts] of bad) {
      for (const text of texts) {
        const { settings, problems } = translate(own({ 'max-waiting-time': '7s', [name]: text }));
        assert.deepEqual(settings, { ...defaultUpstreamSettings, maxWaitMs: 7_000 }, `${name}: ${text}`);
        assert.deepEqual(problems, [
          `warning AnnotationInvalid Service shop/app metadata.annotations[sallyport.dev/${name}]`,
        ]);
      }
    }
  });

  it('that are not known are told', () => {
    assert.deepEqual(translate(own({ 'slow-strat': '5s' })), {
      settings: undefined,
      problems: ['warning AnnotationUnknown Service shop/app metadata.annotations[sallyport.dev/slow-strat]'],
    });
  });
});
