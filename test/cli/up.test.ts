// `sallyport up` from outside, on real ports: what it serves, says, keeps, refuses, and how it ends.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { connect } from 'node:tls';
import {
  ask,
  askAdmin,
  findFreePort,
  renderManifest,
  root,
  runProcess,
  startApp,
  startUp,
} from './up-process.ts';

const app = await startApp((request, response) => response.end(`app ${request.url}`));
after(() => app.close());
const manifests = { 'shop.yaml': renderManifest('shop', 'shop.test', app.port) };

test('up: serves its manifests, says where, answers on the admin port, ends with 0', async (t) => {
  const up = await startUp({ manifests });
  t.after(up.remove);
  await up.waitFor(/Sallyport \S+ is ready: 1 Ingress, 1 host, 1 worker\n/);
  assert.match(up.output(), new RegExp(`  http   http://127\\.0\\.0\\.1:${up.httpPort}\n`));
  assert.match(up.output(), new RegExp(`  https  https://127\\.0\\.0\\.1:${up.httpsPort}\n`));
  assert.deepEqual(await ask(up.httpPort, 'shop.test', '/a'), { status: 200, body: 'app /a' });
  assert.equal((await ask(up.httpPort, 'other.test')).status, 404);
  for (const path of ['/healthz', '/readyz', '/']) {
    assert.equal((await ask(up.adminPort, 'localhost', path)).status, 200, path);
  }
  assert.equal((await ask(up.adminPort, 'localhost', '/nothing')).status, 404);
  const metrics = await ask(up.adminPort, 'localhost', '/metrics');
  assert.match(metrics.body, /^nginx_ingress_controller_requests\{[^}]*ingress="shop"[^}]*\} 1$/m);
  assert.equal((await ask(up.adminPort, 'localhost', '/debug/table')).status, 401);
  const table = await askAdmin(up.adminPort, join(up.folder, 'data'), '/debug/table');
  assert.match(table.body, /shop\.test/);
  assert.match(table.body, /ingress\/default\/shop\/rule\/0\/path\/0/);
  up.child.kill('SIGTERM');
  assert.equal(await up.ended, 0);
});

test('up: HTTPS with a self-signed certificate that is kept', async (t) => {
  const up = await startUp({ manifests, flags: ['--http-port', '0'] });
  t.after(up.remove);
  await up.waitFor(/is ready/);
  assert.doesNotMatch(up.output(), /  http   /);
  const client = connect({ port: up.httpsPort, host: '127.0.0.1', rejectUnauthorized: false });
  await once(client, 'secureConnect');
  assert.equal(client.getPeerCertificate().subject.CN, 'Sallyport Default Certificate');
  client.destroy();
  assert.equal(statSync(join(up.folder, 'data/default-certificate.key')).mode & 0o777, 0o600);
});

test('up: a saved edit is live, and so is a new file', async (t) => {
  const up = await startUp({ manifests });
  t.after(up.remove);
  await up.waitFor(/is ready/);
  const draft = join(up.folder, 'draft.tmp');
  writeFileSync(draft, renderManifest('late', 'late.test', app.port));
  renameSync(draft, join(up.folder, 'late.yaml'));
  while ((await ask(up.httpPort, 'late.test')).status !== 200);
  assert.equal((await ask(up.httpPort, 'shop.test')).status, 200);
});

test('up: ends when the process that only started its runtime is killed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-launcher-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const ports = [
    '--http-port',
    await findFreePort(),
    '--https-port',
    0,
    '--admin-port',
    0,
    '--api-port',
    await findFreePort(),
  ];
  const words = ['up', ...ports.map(String), '--workers', '1', '--data-dir', folder, '--log-format', 'text'];
  // The shell stands for an older Node; it says whose process id the program would have to outlive.
  const script = join(folder, 'launch.sh');
  writeFileSync(script, 'SALLYPORT_LAUNCHER_PID=$$ "$@" & wait\n');
  const launched = runProcess(script, [process.execPath, join(root, 'bin/sallyport.js'), ...words], {
    node: '/bin/sh',
  });
  await launched.waitFor(/is ready/);
  launched.child.kill('SIGKILL');
  // Its output closes when the program, which has the same, has ended too.
  await launched.ended;
  assert.match(launched.output(), /SIGTERM: finishing what is in flight[^]*stopped/);
});

test('up: a bad file harms only itself, and is named', async (t) => {
  const up = await startUp({ manifests: { ...manifests, 'bad.yaml': 'kind: Ingress\n  x: [' } });
  t.after(up.remove);
  await up.waitFor(/is ready/);
  assert.match(up.output(), /bad\.yaml:\d+: /);
  assert.match(
    up.output(),
    /[1-9] errors? and 0 warnings in the manifests: "sallyport check -f \S+" lists them\n/,
  );
  assert.equal((await ask(up.httpPort, 'shop.test')).status, 200);
});

test('up: manifests from standard input', async (t) => {
  const up = await startUp({ stdin: manifests['shop.yaml'] });
  t.after(up.remove);
  await up.waitFor(/is ready/);
  assert.equal((await ask(up.httpPort, 'shop.test')).status, 200);
});

/** Ready, with an application for `slow.test` that keeps its first request until the test answers it. */
async function startHeld(
  t: TestContext,
  flags: readonly string[] = [],
): Promise<{ up: Awaited<ReturnType<typeof startUp>>; held: Promise<ServerResponse> }> {
  const held = Promise.withResolvers<ServerResponse>();
  const slow = await startApp((_request, response) => held.resolve(response));
  const manifests = { 'slow.yaml': renderManifest('slow', 'slow.test', slow.port) };
  const up = await startUp({ manifests, flags });
  t.after(up.remove);
  t.after(slow.close);
  await up.waitFor(/is ready/);
  return { up, held: held.promise };
}

test('up: SIGTERM finishes the request in flight; /readyz says 503 meanwhile', async (t) => {
  const { up, held } = await startHeld(t);
  const answer = ask(up.httpPort, 'slow.test');
  const response = await held;
  up.child.kill('SIGTERM');
  await up.waitFor(/SIGTERM: finishing what is in flight/);
  assert.equal((await ask(up.adminPort, 'localhost', '/readyz')).status, 503);
  response.end('finished');
  assert.deepEqual(await answer, { status: 200, body: 'finished' });
  assert.equal(await up.ended, 0);
});

test('up: Ctrl-C reaches every process of the group at once, and still ends in order', async (t) => {
  const { up, held } = await startHeld(t);
  const answer = ask(up.httpPort, 'slow.test');
  const response = await held;
  process.kill(-(up.child.pid ?? Number.NaN), 'SIGINT');
  await up.waitFor(/SIGINT: finishing what is in flight/);
  response.end('finished');
  assert.deepEqual(await answer, { status: 200, body: 'finished' });
  assert.equal(await up.ended, 0);
});

test('up: a second signal, half a second later, ends at once with 143', async (t) => {
  const { up, held } = await startHeld(t);
  const answer = assert.rejects(ask(up.httpPort, 'slow.test'));
  await held;
  const again = setInterval(() => up.child.kill('SIGTERM'), 50);
  t.after(() => clearInterval(again));
  assert.equal(await up.ended, 143);
  await answer;
});

const olderNode = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => {
  const version = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout ?? '';
  return version !== '' && Number.parseInt(version.slice(1), 10) < 24;
});

test('up: started by an older Node, it runs with the pinned one, which gets the signals', {
  skip: olderNode === undefined ? 'no Node older than 24 is installed' : false,
}, async (t) => {
  const up = await startUp({ manifests, ...(olderNode === undefined ? {} : { node: olderNode }) });
  t.after(up.remove);
  await up.waitFor(/is ready/);
  assert.equal((await ask(up.httpPort, 'shop.test')).status, 200);
  up.child.kill('SIGTERM');
  assert.equal(await up.ended, 0);
  assert.match(up.output(), /stopped/);
});

test('up: what is left after the grace period is cut', async (t) => {
  const { up, held } = await startHeld(t, ['--shutdown-grace-period', '50ms']);
  const answer = assert.rejects(ask(up.httpPort, 'slow.test'));
  await held;
  up.child.kill('SIGINT');
  assert.equal(await up.ended, 0);
  await answer;
});

test('up: a data folder that cannot be written is an error, because objects are kept there', async (t) => {
  const up = await startUp({ manifests, flags: ['--data-dir', join(root, 'package.json/data')] });
  t.after(up.remove);
  assert.equal(await up.ended, 1);
  assert.match(up.output(), /sallyport up: --data-dir: the data folder ".*package\.json\/data": .*ENOTDIR/);
});

test('up: without an API server a data folder that cannot be written costs only a warning', async (t) => {
  const unwritable = ['--data-dir', join(root, 'package.json/data'), '--api-port', '0'];
  const up = await startUp({ manifests, flags: unwritable });
  t.after(up.remove);
  await up.waitFor(/is ready/);
  assert.match(up.output(), /cannot keep the default certificate in ".*package\.json\/data"/);
  assert.equal((await ask(up.httpPort, 'shop.test')).status, 200);
});

test('up: a port in use is an error that names it, exit code 1', async (t) => {
  const owner = createServer().listen(0, '127.0.0.1');
  await once(owner, 'listening');
  t.after(() => owner.close());
  const { port } = owner.address() as AddressInfo;
  for (const flag of ['--http-port', '--https-port', '--admin-port', '--api-port']) {
    const up = await startUp({ manifests, flags: [flag, String(port)] });
    t.after(up.remove);
    assert.equal(await up.ended, 1);
    const place = `127.0.0.1:${port} (${flag})`;
    const wanted = `sallyport up: cannot listen on ${place}: the port is in use by another process; a free one is wanted\n`;
    assert.ok(up.output().endsWith(wanted), up.output());
  }
});

test('up: manifests that are not there are an error, exit code 1', async () => {
  const words = ['up', '-f', '/nowhere/at/all', '--admin-port', '0', '--api-port', '0'];
  const up = runProcess(join(root, 'bin/sallyport.js'), words);
  assert.equal(await up.ended, 1);
  assert.match(
    up.output(),
    /sallyport up: -f: cannot read manifests from "\/nowhere\/at\/all": no such file or folder\n/,
  );
});
