import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from './command-line.ts';
import type { Surroundings } from './config.ts';
import { parseControllerConfig, type ControllerConfig } from './controller-config.ts';
import { controllerFlagTable, ineffectiveFlags } from './controller-settings.ts';
import { renderControllerFlagsReference } from './render-flags.ts';

const surroundings: Surroundings = {
  env: {},
  homeDir: '/home/ada',
  cores: 6,
  openFilesLimit: 4_096,
  isLogTerminal: false,
};

function parse(...words: string[]): ControllerConfig {
  const config = parseControllerConfig(words, surroundings);
  assert.ok(config !== null);
  return config;
}

function refusal(...words: string[]): string {
  let message = '';
  assert.throws(
    () => parseControllerConfig(words, surroundings),
    (error) => {
      assert.ok(error instanceof UsageError);
      message = error.message;
      return true;
    },
  );
  return message;
}

test('parseControllerConfig: the defaults of ingress-nginx, and ours', () => {
  const config = parse();
  assert.deepEqual(config.proxy.listen, {
    address: '::',
    httpPort: 80,
    httpsPort: 443,
    publicHttpsPort: 443,
    isShared: false,
  });
  assert.deepEqual([config.adminAddress, config.adminPort, config.healthPath], ['::', 10254, '/healthz']);
  assert.equal(config.translate.watchIngressWithoutClass, false);
  assert.deepEqual(config.status, {
    isOn: true,
    clearsOnShutdown: true,
    intervalMs: 60_000,
    publishService: null,
    publishAddresses: [],
    reportsNodeInternalIp: false,
  });
  assert.deepEqual(config.election, {
    isOn: true,
    leaseName: 'sallyport-leader',
    namespace: null,
    leaseMs: 15_000,
    renewDeadlineMs: 10_000,
    retryMs: 2_000,
  });
  assert.equal(config.webhook, null);
  assert.equal(config.dataDir, null);
});

test('parseControllerConfig: the arguments of an ingress-nginx chart are accepted', () => {
  const config = parse(
    '--publish-service=ingress-nginx/ingress-nginx-controller',
    '--election-id=ingress-nginx-leader',
    '--controller-class=k8s.io/ingress-nginx',
    '--ingress-class=nginx',
    '--configmap=ingress-nginx/ingress-nginx-controller',
    '--validating-webhook=:8443',
    '--validating-webhook-certificate=/usr/local/certificates/cert',
    '--validating-webhook-key=/usr/local/certificates/key',
    '--enable-metrics=false',
    '--watch-ingress-without-class=true',
    '--v=2',
    '--http-port=8080',
    '--https-port=8444',
  );
  assert.equal(config.translate.controllerClass, 'k8s.io/ingress-nginx');
  assert.equal(config.translate.configMap, 'ingress-nginx/ingress-nginx-controller');
  assert.equal(config.status.publishService, 'ingress-nginx/ingress-nginx-controller');
  assert.equal(config.election.leaseName, 'ingress-nginx-leader');
  assert.deepEqual(config.webhook, {
    address: '::',
    port: 8443,
    certificatePath: '/usr/local/certificates/cert',
    keyPath: '/usr/local/certificates/key',
  });
  assert.deepEqual(config.ineffective, ['enable-metrics', 'v']);
});

test('parseControllerConfig: what contradicts itself is refused', () => {
  assert.match(
    refusal('--watch-namespace=a', '--watch-namespace-selector=b=c'),
    /--watch-namespace and --watch-namespace-selector exclude each other/,
  );
  assert.match(
    refusal('--health-check-path=/debug/alive'),
    /"\/debug\/alive": a path outside \/debug\/ is wanted/,
  );
  assert.match(refusal('--publish-service=a/b', '--publish-status-address=1.2.3.4'), /exclude each other/);
  assert.match(refusal('--validating-webhook=8443'), /\[ADDRESS\]:PORT is wanted/);
  assert.match(refusal('--validating-webhook=:8443'), /wants --validating-webhook-certificate/);
  assert.match(refusal('--status-update-interval=1s'), /at least 5s is wanted/);
  assert.match(refusal('--publish-status-address=a_b'), /IP addresses and host names/);
  assert.match(refusal('--http-port=10254'), /a port other than that of/);
  assert.match(refusal('extra'), /unexpected word "extra"/);
  assert.match(refusal('--election-idd=x'), /unknown flag "--election-idd"; did you mean "--election-id"\?/);
});

test('renderControllerFlagsReference: names every flag', () => {
  const page = renderControllerFlagsReference();
  for (const name of [...Object.keys(controllerFlagTable), ...Object.keys(ineffectiveFlags)]) {
    assert.ok(page.includes(`--${name}`), name);
  }
});
