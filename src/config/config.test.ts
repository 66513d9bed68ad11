import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { UsageError } from './command-line.ts';
import { parseConfigText } from './config-file.ts';
import { parseUpConfig } from './config.ts';
import type { Config, Surroundings } from './config.ts';
import { renderFlagsHelp, renderFlagsReference } from './render-flags.ts';
import { flagTable } from './settings.ts';

const surroundings: Surroundings = {
  env: {},
  homeDir: '/home/ada',
  cores: 6,
  openFilesLimit: 4_096,
  isLogTerminal: false,
};

function parse(words: readonly string[], changed: Partial<Surroundings> = {}): Config {
  const config = parseUpConfig(words, { ...surroundings, ...changed });
  assert.ok(config !== null);
  return config;
}

test('parseUpConfig: the defaults are those of the reference page', () => {
  const config = parse(['-f', 'examples']);
  assert.deepEqual(config.manifestPaths, ['examples']);
  assert.deepEqual(config.proxy.listen, {
    address: '127.0.0.1',
    httpPort: 8080,
    httpsPort: 8443,
    publicHttpsPort: 8443,
    isShared: false,
  });
  assert.equal(config.adminAddress, '127.0.0.1');
  assert.equal(config.adminPort, 10254);
  assert.equal(config.proxy.workers, 6);
  assert.equal(config.dataDir, '/home/ada/.local/share/sallyport');
  assert.equal(config.proxy.shutdownGraceMs, 30_000);
  assert.equal(config.proxy.limits.maxConnectionsPerWorker, 3_430);
  assert.equal(config.log.format, 'json');
  assert.deepEqual(config.proxy.accessLog, { format: 'nginx', path: '-' });
  assert.deepEqual(config.translate, {
    controllerClass: 'sallyport.dev/ingress-controller',
    ingressClass: 'sallyport',
    watchIngressWithoutClass: true,
    ingressClassByName: false,
    disableCatchAll: false,
    hasNginxQuirks: false,
    disableExternalName: false,
    passesTls: false,
    tcpServices: null,
    udpServices: null,
    configMap: null,
    annotationsPrefix: 'nginx.ingress.kubernetes.io',
    defaultBackendService: null,
    defaultSslCertificate: null,
    place: { zone: '', node: '' },
  });
});

test('parseUpConfig: who says that it is an ingress-nginx has its quirks, unless it says otherwise', () => {
  const hasQuirks = (...words: readonly string[]): boolean =>
    parse(['-f', 'a.yaml', ...words]).translate.hasNginxQuirks;
  const asNginx = '--controller-class=k8s.io/ingress-nginx';
  assert.equal(hasQuirks(asNginx), true);
  assert.equal(hasQuirks(asNginx, '--compatibility=none'), false);
  assert.equal(hasQuirks('--compatibility=ingress-nginx'), true);
  assert.equal(hasQuirks('--controller-class=k8s.io/ingress-nginx-2'), false);
  assert.throws(() => parse(['-f', 'a.yaml', '--compatibility=nginx']), UsageError);
});

test('parseUpConfig: flags in every spelling', () => {
  const config = parse([
    '-f',
    'a.yaml',
    '--filename=b',
    '-f-',
    '--http-port=0',
    '--bind',
    '::',
    '--no-watch-ingress-without-class',
    '--use-forwarded-headers',
    '--compute-full-forwarded-for=true',
    '--proxy-real-ip-cidr=10.0.0.0/8',
    '--proxy-real-ip-cidr=fd00::/8',
    '--access-log=off',
  ]);
  assert.deepEqual(config.manifestPaths, ['a.yaml', 'b', '-']);
  assert.equal(config.proxy.listen.httpPort, 0);
  assert.equal(config.proxy.listen.publicHttpsPort, 443, 'behind an address of all interfaces stands 443');
  assert.equal(config.translate.watchIngressWithoutClass, false);
  assert.deepEqual(config.proxy.forwarded, {
    trust: true,
    trustedCidrs: ['10.0.0.0/8', 'fd00::/8'],
    appendFor: true,
  });
  assert.equal(config.proxy.accessLog.format, 'off');
});

test('parseUpConfig: the surroundings decide what is automatic', () => {
  const config = parse(['-f', 'x'], {
    env: { XDG_DATA_HOME: '/data' },
    isLogTerminal: true,
    openFilesLimit: null,
  });
  assert.equal(config.dataDir, '/data/sallyport');
  assert.equal(config.log.format, 'text');
  assert.equal(config.proxy.limits.maxConnectionsPerWorker, 16_384);
  assert.equal(
    parse(['-f', 'x'], { env: { XDG_DATA_HOME: 'relative' } }).dataDir,
    '/home/ada/.local/share/sallyport',
  );
});

test('parseUpConfig: help is asked for before anything is checked', () => {
  assert.equal(parseUpConfig(['--help'], surroundings), null);
  assert.equal(parseUpConfig(['-h', '--http-port', '70000'], surroundings), null);
});

const refusals: readonly (readonly [readonly string[], string])[] = [
  [
    ['-f', 'x', '--http-port', '70000'],
    'sallyport up: --http-port "70000": a port from 0 to 65535 is wanted',
  ],
  [['-f', 'x', '--htp-port', '80'], 'sallyport up: unknown flag "--htp-port"; did you mean "--http-port"?'],
  [['-f', 'x', '--zzzzzzzzz'], 'sallyport up: unknown flag "--zzzzzzzzz"'],
  [['-f', 'x', '-z'], 'sallyport up: unknown flag "-z"'],
  [['-f', 'x', '--no-http-port'], 'sallyport up: unknown flag "--no-http-port"; did you mean "--http-port"?'],
  [['-f', 'x', '--data-dir', '--workers', '2'], 'sallyport up: --data-dir: a value is wanted'],
  [['-f', 'x', '--workers'], 'sallyport up: --workers: a value is wanted'],
  [['-f', 'x', '--__proto__', '2'], 'sallyport up: unknown flag "--__proto__"'],
  [['-f', 'x', 'y'], 'sallyport up: unexpected word "y"; manifests are named with -f PATH'],
  [
    ['-f', 'x', '--http-port=0', '--https-port=0'],
    'sallyport up: --http-port 0 and --https-port 0 leave no listener: one port is wanted',
  ],
  [
    ['-f', 'x', '--http-port=8443'],
    'sallyport up: --https-port "8443": a port other than that of --http-port is wanted',
  ],
  [
    ['--api-port=0'],
    'sallyport up: --api-port 0 and no manifests leave nothing to serve: at least one -f PATH (a file, a folder or -) is wanted, for example "sallyport up -f examples"',
  ],
];
for (const [words, message] of refusals) {
  test(`parseUpConfig: refuses "${words.join(' ')}"`, () => {
    assert.throws(() => parseUpConfig(words, surroundings), new UsageError(message));
  });
}

test('parseConfigText: keys are flag names, lists and scalars are read, lines are kept', () => {
  const flags = parseConfigText(
    'up',
    flagTable,
    's.yaml',
    'filename: [a, b]\nhttp-port: 80\nworkers: auto\n',
  );
  assert.deepEqual(flags.get('filename'), { texts: ['a', 'b'], place: 's.yaml:1: filename' });
  assert.deepEqual(flags.get('http-port'), { texts: ['80'], place: 's.yaml:2: http-port' });
  assert.deepEqual(flags.get('workers')?.texts, ['auto']);
  assert.equal(parseConfigText('up', flagTable, 's.yaml', '# nothing\n').size, 0);
});

const badFiles: readonly (readonly [string, string])[] = [
  ['http-port: 70000', 'up: s.yaml:1: http-port "70000": a port from 0 to 65535 is wanted'],
  ['\nhtp-port: 80', 'up: s.yaml:2: htp-port: unknown key; did you mean "http-port"?'],
  ['http-port: [80]', 'up: s.yaml:1: http-port: a single value is wanted'],
  ['filename: {a: b}', 'up: s.yaml:1: filename: a value or a list of values is wanted'],
  ['- a', 'up: s.yaml: a mapping of flag names to values is wanted'],
  ['config: other.yaml', 'up: s.yaml:1: config: unknown key; did you mean "configmap"?'],
  [
    'bind: here\nworkers: 0',
    'up: s.yaml:1: bind "here": an IP address such as 127.0.0.1 or :: is wanted\nup: s.yaml:2: workers "0": a whole number above 0 or auto is wanted',
  ],
];
for (const [text, message] of badFiles) {
  test(`parseConfigText: refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseConfigText('up', flagTable, 's.yaml', text), new UsageError(message));
  });
}

test('parseConfigText: a syntax error names its line', () => {
  assert.throws(
    () => parseConfigText('up', flagTable, 's.yaml', 'a: 1\nb: ]\n'),
    /^UsageError: up: s\.yaml:2: /,
  );
});

test('parseUpConfig: the command line wins over the file, the file over the defaults', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-config-'));
  try {
    const file = join(folder, 'sallyport.yaml');
    writeFileSync(file, 'filename: shop.yaml\nhttp-port: 9000\nhttps-port: 9443\n');
    const config = parse(['--config', file, '--http-port', '9001']);
    assert.deepEqual(config.manifestPaths, ['shop.yaml']);
    assert.equal(config.proxy.listen.httpPort, 9001);
    assert.equal(config.proxy.listen.httpsPort, 9443);
    assert.throws(
      () => parse(['--config', join(folder, 'none.yaml')]),
      /--config ".*none\.yaml": a readable file is wanted/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('renderFlagsHelp and renderFlagsReference: every flag is there once, with its default', () => {
  const help = renderFlagsHelp(flagTable);
  const page = renderFlagsReference();
  for (const [name, spec] of Object.entries(flagTable)) {
    assert.match(help, new RegExp(`--${name}( |\\n|$)`), name);
    assert.equal(page.split(`--${name}\``).length + page.split(`--${name} `).length > 2, true, name);
    assert.ok(page.includes(spec.doc.replaceAll('|', '\\|')), name);
  }
  assert.ok(help.split('\n').every((line) => line.length <= 100));
});
