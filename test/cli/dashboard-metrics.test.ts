// The page /metrics for those who come from ingress-nginx: every metric and label that its two dashboards ask for, and all that its
// controller exports and that has a meaning here, with its type and buckets. The names are facts of release 1.15.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type ExposedMetric, parseExposition } from '../observe/parse-exposition.ts';
import { ask, renderManifest, startApp, startUp } from './up-process.ts';

const app = await startApp((request, response) => response.end(`app ${request.url}`));
after(() => app.close());

const prefix = 'nginx_ingress_controller_';
const controller = ['controller_class', 'controller_namespace', 'controller_pod'];
const request = ['canary', 'host', 'ingress', 'method', 'namespace', 'path', 'service', 'status'];
const times = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf'];
const lengths = ['10', '20', '30', '40', '50', '60', '70', '80', '90', '100', '+Inf'];
const sizes = ['10', '100', '1000', '10000', '100000', '1e+06', '1e+07', '+Inf'];

interface Wanted {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Beside those of the controller. */
  readonly labels?: readonly string[];
  readonly bounds?: readonly string[];
}

const wanted: Readonly<Record<string, Wanted>> = {
  requests: { type: 'counter', labels: request },
  request_duration_seconds: { type: 'histogram', labels: request, bounds: times },
  response_duration_seconds: { type: 'histogram', labels: request, bounds: times },
  connect_duration_seconds: { type: 'histogram', labels: request, bounds: times },
  header_duration_seconds: { type: 'histogram', labels: request, bounds: times },
  request_size: { type: 'histogram', labels: request, bounds: lengths },
  response_size: { type: 'histogram', labels: request, bounds: sizes },
  build_info: { type: 'gauge', labels: ['build', 'release', 'repository'] },
  config_hash: { type: 'gauge' },
  config_last_reload_successful: { type: 'gauge' },
  config_last_reload_successful_timestamp_seconds: { type: 'gauge' },
  success: { type: 'counter' },
  errors: { type: 'counter' },
  orphan_ingress: { type: 'gauge', labels: ['ingress', 'namespace', 'type'] },
  nginx_process_connections: { type: 'gauge', labels: ['state'] },
  nginx_process_connections_total: { type: 'counter', labels: ['state'] },
  nginx_process_requests_total: { type: 'counter' },
  nginx_process_num_procs: { type: 'gauge' },
  nginx_process_cpu_seconds_total: { type: 'counter' },
  nginx_process_read_bytes_total: { type: 'counter' },
  nginx_process_write_bytes_total: { type: 'counter' },
  nginx_process_resident_memory_bytes: { type: 'gauge' },
  nginx_process_virtual_memory_bytes: { type: 'gauge' },
  nginx_process_oldest_start_time_seconds: { type: 'gauge' },
};

function labelNames(sample: string): string[] {
  return [...sample.matchAll(/[{,]([a-z_]+)="/g)].map(([, name = '']) => name).sort();
}

function checkMetric(
  name: string,
  metric: ExposedMetric | undefined,
  { type, labels = [], bounds }: Wanted,
): void {
  assert.ok(metric !== undefined, `${name} is missing`);
  assert.equal(metric.type, type, name);
  assert.ok(metric.samples.size > 0, name);
  const own = [...controller, ...labels].sort();
  for (const sample of metric.samples.keys()) {
    const isBucket = sample.startsWith(`${prefix}${name}_bucket{`);
    assert.deepEqual(labelNames(sample), isBucket ? [...own, 'le'].sort() : own, sample);
  }
  if (bounds === undefined) return;
  const found = new Set([...metric.samples.keys()].map((sample) => /[{,]le="([^"]*)"/.exec(sample)?.[1]));
  found.delete(undefined);
  assert.deepEqual(found, new Set(bounds), name);
}

test('the page has the metrics of ingress-nginx with their labels, types and buckets', async (t) => {
  const manifests = {
    'shop.yaml': renderManifest('shop', 'shop.test', app.port),
    'orphan.yaml': `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: orphan, namespace: default }
spec:
  rules:
    - host: orphan.test
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: { service: { name: nobody, port: { number: 80 } } }
`,
  };
  const up = await startUp({ manifests });
  t.after(up.remove);
  await up.waitFor(/is ready/);
  assert.equal((await ask(up.httpPort, 'shop.test', '/a')).status, 200);
  const { body } = await ask(up.adminPort, 'localhost', '/metrics');
  const metrics = parseExposition(body);
  for (const [name, each] of Object.entries(wanted)) checkMetric(name, metrics.get(prefix + name), each);
  const valueOf = (name: string, label: string): number | undefined => {
    const samples = [...(metrics.get(prefix + name)?.samples ?? [])];
    return samples.find(([sample]) => sample.includes(label))?.[1];
  };
  assert.equal(valueOf('requests', 'ingress="shop"'), 1);
  assert.equal(valueOf('nginx_process_requests_total', 'controller_pod='), 1);
  assert.equal(valueOf('config_last_reload_successful', 'controller_pod='), 1);
  assert.equal(valueOf('orphan_ingress', 'ingress="orphan"'), 1);
  assert.equal(valueOf('orphan_ingress', 'type="no-service"'), 1);
  assert.equal(valueOf('orphan_ingress', 'ingress="shop"'), undefined);
});
