// The package as users get it: packed, installed globally under a prefix of its own, and run from there as compiled code.
// Dependencies come from the registry or npm's cache.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask, findFreePort, root, runProcess } from '../cli/up-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-pack-'));
const prefix = join(folder, 'prefix');
const installed = join(prefix, 'lib/node_modules/sallyport');
const program = join(prefix, 'bin/sallyport');
// The program's first line asks the PATH for node: give it the one that runs this test.
const env = { ...process.env, PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter) };

interface Outcome {
  readonly code: number | string;
  readonly out: string;
  readonly err: string;
}

function run(file: string, words: readonly string[], cwd = root): Promise<Outcome> {
  return new Promise((done) => {
    execFile(file, words, { cwd, env, maxBuffer: 1 << 24 }, (error, out, err) => {
      done({ code: error?.code ?? 0, out, err });
    });
  });
}

let packed: readonly string[] = [];

before(async () => {
  const pack = await run('npm', ['pack', '--json', '--pack-destination', folder]);
  assert.equal(pack.code, 0, pack.out + pack.err);
  // npm prints what the build says before the JSON, an array of packages or an object of them by name.
  const described: unknown = JSON.parse(pack.out.slice(pack.out.search(/^[[{]/m)));
  const [entry] = Object.values(described as Record<string, unknown>);
  const { filename, files } = entry as { filename: string; files: { path: string }[] };
  packed = files.map(({ path }) => path);
  const flags = ['--global', '--prefix', prefix, '--prefer-offline', '--no-audit', '--no-fund'];
  const install = await run('npm', ['install', ...flags, join(folder, filename)], folder);
  assert.equal(install.code, 0, install.out + install.err);
});

after(() => rmSync(folder, { recursive: true, force: true }));

test('pack: the package carries the program, its manual and its examples, and nothing else', () => {
  for (const path of [
    'bin/sallyport.js',
    'dist/main.js',
    'dist/proxy/worker.js',
    'LICENSE',
    'README.md',
    'CHANGELOG.md',
  ]) {
    assert.ok(packed.includes(path), path);
  }
  const folders = new Set(
    packed.filter((path) => path.includes('/')).map((path) => path.slice(0, path.indexOf('/'))),
  );
  assert.deepEqual([...folders].sort(), ['bin', 'dist', 'docs', 'examples']);
  assert.deepEqual(
    packed.filter((path) => /\.(?:test|fixture)\./.test(path)),
    [],
  );
  assert.deepEqual(
    packed.filter((path) => path.endsWith('.ts')),
    ['examples/apps/echo.ts', 'examples/apps/login.ts'],
  );
});

test('pack: the installed program knows its version', async () => {
  const { code, out } = await run(program, ['version'], folder);
  assert.equal(code, 0);
  assert.match(out, /^sallyport \d+\.\d+\.\d+ \(Node\.js \d/);
});

test('pack: the installed program checks its own examples', async () => {
  const { code, out } = await run(program, ['check', '-f', join(installed, 'examples')], folder);
  assert.equal(code, 0, out);
  assert.match(out, /11 objects, 0 errors/);
});

test('pack: the installed program serves, with worker processes, and ends', async () => {
  const [httpPort, adminPort, apiPort] = await Promise.all([findFreePort(), findFreePort(), findFreePort()]);
  const listeners = { http: httpPort, https: 0, admin: adminPort, api: apiPort };
  const ports = Object.entries(listeners).flatMap(([name, port]) => [`--${name}-port`, String(port)]);
  const words = [
    'up',
    '-f',
    join(installed, 'examples'),
    '--workers',
    '2',
    '--data-dir',
    join(folder, 'data'),
  ];
  const up = runProcess(program, [...words, '--log-format', 'text', ...ports]);
  try {
    await up.waitFor(/is ready: 5 Ingresses, 5 hosts, 2 workers\n/);
    assert.equal((await ask(adminPort, 'localhost', '/readyz')).status, 200);
    // Followed to the sample application: 502 unless somebody runs one on this machine.
    assert.match(String((await ask(httpPort, 'foo.bar.com', '/foo')).status), /^(?:502|200)$/);
  } finally {
    up.child.kill('SIGTERM');
  }
  assert.equal(await up.ended, 0);
});
