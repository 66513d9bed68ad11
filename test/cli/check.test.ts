// `sallyport check` by its function, and once as a process: findings with file and line, the summary, exit codes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { runCheck } from '../../src/cli/check.ts';
import { UsageError } from '../../src/config/index.ts';
import { type Captured, runCaptured } from './run-captured.ts';

const service = `apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  ports: [{name: http, port: 80}]
`;

const slice = (address: string): string => `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: http, port: 8080}]
endpoints:
- addresses: ["${address}"]
`;

const ingress = (path = '/', backend = 'web'): string => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
spec:
  rules:
  - host: web.example.com
    http:
      paths:
      - path: ${path}
        pathType: Prefix
        backend: {service: {name: ${backend}, port: {name: http}}}
`;

const good = [service, slice('10.0.0.1'), ingress()].join('---\n');

function folder(test: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'sallyport-check-'));
  test.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  return root;
}

function check(words: readonly string[], stdin = ''): Promise<Captured> {
  return runCaptured(runCheck, words, stdin);
}

describe('sallyport check', () => {
  it('accepts good manifests', async (test) => {
    const root = folder(test, { 'a.yaml': good });
    assert.deepEqual(await check(['-f', root]), {
      code: 0,
      out: '3 objects, 0 errors, 0 warnings\n',
      err: '',
    });
  });

  it('names file, line, object, field, message and code, sorted', async (test) => {
    const root = folder(test, {
      'b.yaml': [service, slice('10.0.0.1'), ingress('/', 'other')].join('---\n'),
      'a.yaml': ingress('relative').replace('name: web\n', 'name: bad\n'),
      'c.yaml': 'kind: [\n',
    });
    const { code, out } = await check(['-f', root]);
    assert.equal(code, 1);
    const lines = out.replaceAll(`${root}/`, '').trimEnd().split('\n');
    assert.deepEqual(lines.slice(0, 2), [
      'a.yaml:10: error: Ingress default/bad: spec.rules[0].http.paths[0].path: Invalid value: "relative": must be an absolute path [InvalidObject]',
      'b.yaml:26: error: Ingress default/web: spec.rules[0].http.paths[0].backend.service.name: Service "default/other" does not exist [ServiceNotFound]',
    ]);
    assert.match(lines[2] ?? '', /^c\.yaml:2: error: .* \[SyntaxError\]$/);
    assert.equal(lines[3], '3 objects, 3 errors, 0 warnings');
  });

  it('accepts loopback endpoints with a warning, which --strict makes fail', async (test) => {
    const root = folder(test, { 'a.yaml': [service, slice('127.0.0.1'), ingress()].join('---\n') });
    const lenient = await check(['-f', root]);
    assert.equal(lenient.code, 0);
    assert.match(
      lenient.out,
      /a\.yaml:13: warning: EndpointSlice default\/web-1: endpoints\[0\]\.addresses\[0\]: .*\[LoopbackEndpoint\]/,
    );
    assert.match(lenient.out, /\n3 objects, 0 errors, 1 warning\n$/);
    assert.equal((await check(['-f', root, '--strict'])).code, 1);
  });

  it('says which Ingresses are not served, and why', async (test) => {
    const other = ingress().replace('spec:', 'spec:\n  ingressClassName: nginx');
    const root = folder(test, { 'a.yaml': [service, slice('10.0.0.1'), other].join('---\n') });
    assert.deepEqual(await check(['-f', root, '--strict']), {
      code: 0,
      out: `${root}/a.yaml:20: info: Ingress default/web: spec.ingressClassName: not served: class "nginx" does not exist [ClassNotServed]\n3 objects, 0 errors, 0 warnings, 1 note\n`,
      err: '',
    });
    const unclassed = await check(['-f', '-', '--no-watch-ingress-without-class'], good);
    assert.match(unclassed.out, /: not served: it names no class, and such Ingresses are not served \[/);
  });

  it('reads old versions, converted, with a warning', async () => {
    const old = ingress()
      .replace('networking.k8s.io/v1', 'extensions/v1beta1')
      .replace(/backend: .*/, 'backend: {serviceName: web, servicePort: http}');
    const { code, out } = await check(['-f', '-'], [service, slice('10.0.0.1'), old].join('---\n'));
    assert.equal(code, 0);
    assert.match(
      out,
      /<stdin>:15: warning: Ingress default\/web: apiVersion: extensions\/v1beta1 Ingress is deprecated .*\[DeprecatedVersion\]/,
    );
  });

  it('names kinds that it does not look at', async () => {
    const other = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n';
    const { code, out } = await check(['-f', '-'], `${good}---\n${other}---\n${other}`);
    assert.deepEqual([code, out], [0, '3 objects, 0 errors, 0 warnings\nnot looked at: Deployment (2)\n']);
  });

  it('shows names that would steer the terminal as escapes', async (test) => {
    const root = folder(test, {
      'a\x1b[2Jb.yaml':
        'apiVersion: v1\nkind: "K\\e[31m\\u202e\\u009b"\nmetadata: {name: a}\n---\n"\\e]0;x": 1\n"\\e]0;x": 2\n',
    });
    for (const words of [[], ['-o', 'json']]) {
      const { code, out } = await check(['-f', root, ...words]);
      assert.equal(code, 1);
      assert.doesNotMatch(out, /[^\P{C}\n]/u);
      assert.ok(out.includes('\\u001b'));
    }
    assert.equal((await check(['-f', root])).out.trimEnd().split('\n').length, 4);
  });

  it('prints JSON for machines', async () => {
    const { code, out } = await check(['-f', '-', '-o', 'json'], ingress());
    assert.equal(code, 1);
    assert.deepEqual(JSON.parse(out), {
      objects: 1,
      errors: 1,
      warnings: 0,
      infos: 0,
      codes: { ServiceNotFound: 1 },
      ignoredKinds: {},
      findings: [
        {
          file: '<stdin>',
          line: 12,
          severity: 'error',
          code: 'ServiceNotFound',
          object: { kind: 'Ingress', namespace: 'default', name: 'web' },
          field: 'spec.rules[0].http.paths[0].backend.service.name',
          message: 'Service "default/web" does not exist',
        },
      ],
    });
  });

  it('fails clearly for a path that cannot be read', async () => {
    assert.deepEqual(await check(['-f', '/no/such/path']), {
      code: 1,
      out: '',
      err: 'sallyport check: cannot read manifests from "/no/such/path": no such file or folder\n',
    });
  });

  it('refuses wrong use', async () => {
    for (const words of [[], ['-f'], ['file.yaml'], ['-f', 'x', 'y'], ['-f', 'x', '-o', 'xml'], ['--fast']]) {
      await assert.rejects(check(words), UsageError, words.join(' '));
    }
  });

  it('runs as a process', (test) => {
    const root = folder(test, { 'a.yaml': ingress('relative') });
    const program = resolve(import.meta.dirname, '../../bin/sallyport.js');
    const run = (...words: string[]) =>
      spawnSync(process.execPath, [program, 'check', ...words], { encoding: 'utf8' });
    const bad = run('-f', root);
    assert.equal(bad.status, 1);
    assert.match(bad.stdout, /a\.yaml:10: error: .*must be an absolute path/);
    const wrong = run('--no-such-flag');
    assert.equal(wrong.status, 2);
    assert.match(wrong.stderr, /^sallyport check: unknown flag "--no-such-flag"/);
  });
});
