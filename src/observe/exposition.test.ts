import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExposition } from '../../test/observe/parse-exposition.ts';
import { MetricRegistry } from './counters.ts';
import { renderExposition, renderExpositionChunks } from './exposition.ts';
import { RequestMetrics } from './request-metrics.ts';

function oneRequest(): RequestMetrics {
  const metrics = new RequestMetrics();
  metrics
    .ensureRoute({
      namespace: 'shop',
      ingress: 'web',
      service: 'cart',
      path: '/cart',
      host: 'a.example',
      canary: '',
    })
    .record(200, 'GET', 12, -1, -1, -1, 95, 2500);
  return metrics;
}

test('a request is shown under the names, labels and buckets of ingress-nginx', () => {
  const labels =
    'status="200",method="GET",namespace="shop",ingress="web",service="cart",path="/cart",host="a.example",canary=""';
  const text = renderExposition(oneRequest().snapshot());
  const buckets = (name: string, bounds: string, counts: readonly number[]): string =>
    bounds
      .split(' ')
      .map(
        (bound, index) =>
          `nginx_ingress_controller_${name}_bucket{${labels},le="${bound}"} ${counts[index]}\n`,
      )
      .join('');
  assert.equal(
    text,
    '# HELP nginx_ingress_controller_requests The total number of client requests\n' +
      '# TYPE nginx_ingress_controller_requests counter\n' +
      `nginx_ingress_controller_requests{${labels}} 1\n` +
      '# HELP nginx_ingress_controller_request_duration_seconds The request processing time in seconds\n' +
      '# TYPE nginx_ingress_controller_request_duration_seconds histogram\n' +
      buckets(
        'request_duration_seconds',
        '0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 +Inf',
        [0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
      ) +
      `nginx_ingress_controller_request_duration_seconds_sum{${labels}} 0.012\n` +
      `nginx_ingress_controller_request_duration_seconds_count{${labels}} 1\n` +
      '# HELP nginx_ingress_controller_request_size The request length in bytes (including request line, header, and body)\n' +
      '# TYPE nginx_ingress_controller_request_size histogram\n' +
      buckets('request_size', '10 20 30 40 50 60 70 80 90 100 +Inf', [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]) +
      `nginx_ingress_controller_request_size_sum{${labels}} 95\n` +
      `nginx_ingress_controller_request_size_count{${labels}} 1\n` +
      '# HELP nginx_ingress_controller_response_size The response body length in bytes\n' +
      '# TYPE nginx_ingress_controller_response_size histogram\n' +
      buckets('response_size', '10 100 1000 10000 100000 1e+06 1e+07 +Inf', [0, 0, 0, 1, 1, 1, 1, 1]) +
      `nginx_ingress_controller_response_size_sum{${labels}} 2500\n` +
      `nginx_ingress_controller_response_size_count{${labels}} 1\n`,
  );
  assert.equal(parseExposition(text).size, 4);
});

test('help and label values are escaped; unpaired surrogates are replaced', () => {
  const registry = new MetricRegistry();
  registry.gaugeFamily('g', 'a\\b\nc "d"', ['path']).cell('q" b\\ n\n \ud800é').value = 1;
  assert.equal(
    renderExposition(registry.snapshot()),
    '# HELP g a\\\\b\\nc "d"\n# TYPE g gauge\ng{path="q\\" b\\\\ n\\n \ufffdé"} 1\n',
  );
});

test('numbers that are not finite have the names of the format', () => {
  const registry = new MetricRegistry();
  const family = registry.gaugeFamily('g', 'G', ['case']);
  for (const [name, value] of Object.entries({
    a: Infinity,
    b: -Infinity,
    c: Number.NaN,
    d: 1e21,
    e: 1.5e-7,
  })) {
    family.cell(name).value = value;
  }
  const samples = parseExposition(renderExposition(registry.snapshot())).get('g')?.samples;
  assert.deepEqual([...(samples?.values() ?? [])], [Infinity, -Infinity, Number.NaN, 1e21, 1.5e-7]);
});

test('constant labels go to the compatible metrics alone', () => {
  const registry = new MetricRegistry();
  registry.gauge(
    'nginx_ingress_controller_config_last_reload_successful',
    'Whether the last change was taken',
  ).value = 1;
  registry.counter('sallyport_retries_total', 'Retries');
  const text = renderExposition(registry.snapshot(), { constantLabels: [['controller_pod', 'p"1']] });
  assert.ok(
    text.includes('\nnginx_ingress_controller_config_last_reload_successful{controller_pod="p\\"1"} 1\n'),
  );
  assert.ok(text.includes('\nsallyport_retries_total 0\n'));
  const requests = renderExposition(oneRequest().snapshot(), { constantLabels: [['controller_pod', 'p']] });
  assert.ok(requests.includes('\nnginx_ingress_controller_requests{controller_pod="p",status="200",'));
});

test('a family without cells and a proxy without requests show nothing', () => {
  const registry = new MetricRegistry();
  registry.counterFamily('refusals_total', 'Refusals', ['reason']);
  assert.equal(renderExposition(registry.snapshot()), '');
});

test('a large page comes in pieces that make the same page', () => {
  const metrics = new RequestMetrics();
  for (let index = 0; index < 100; index += 1) {
    metrics
      .ensureRoute({ namespace: 'n', ingress: 'i', service: 's', path: `/${index}`, host: 'h', canary: '' })
      .record(200, 'GET', 1, 1, 1, 1, 1, 1);
  }
  const chunks = [...renderExpositionChunks(metrics.snapshot())];
  assert.ok(chunks.length > 5);
  assert.ok(chunks.every((chunk) => chunk.length < 100_000));
  assert.equal(chunks.join(''), renderExposition(metrics.snapshot()));
  assert.equal(parseExposition(chunks.join('')).get('nginx_ingress_controller_requests')?.samples.size, 100);
});
