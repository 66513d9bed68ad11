import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { adminTokenPath, provideAdminGate, readAdminToken } from './admin-token.ts';

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-admin-token-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('the token is in its file, else in the data folder, else nowhere', () => {
  assert.equal(adminTokenPath('/a/token', '/data'), '/a/token');
  assert.equal(adminTokenPath(null, '/data'), '/data/admin-token');
  assert.equal(adminTokenPath(null, null), null);
});

test('a token is made once, of 32 random bytes, for its owner alone, and admits whoever says it', (t) => {
  const folder = makeFolder(t);
  const path = join(folder, 'deeper', 'admin-token');
  const { gate, warning } = provideAdminGate(path);
  assert.equal(warning, null);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const token = readAdminToken(path);
  assert.equal(Buffer.from(token, 'base64url').length, 32);
  assert.equal(readFileSync(path, 'utf8'), `${token}\n`);
  for (const said of [`Bearer ${token}`, `bearer ${token}`, `Bearer  ${token} `])
    assert.ok(gate.admits(said), said);
  for (const said of [
    '',
    'Bearer',
    'Bearer ',
    token,
    `Basic ${token}`,
    `Bearer ${token}x`,
    `Bearer ${token.slice(1)}`,
    `Bearer ${token.toLowerCase()}`,
    `Bearer ${token} ${token}`,
    `Bearer x, Bearer ${token}`,
  ])
    assert.ok(!gate.admits(said), said);
  assert.ok(provideAdminGate(path).gate.admits(`Bearer ${token}`), 'the next start keeps it');
  const other = join(folder, 'other');
  provideAdminGate(other);
  assert.notEqual(readAdminToken(other), token);
});

test('without a place nobody is admitted', () => {
  const { gate, warning } = provideAdminGate(null);
  assert.equal(warning, null);
  for (const said of ['', 'Bearer ', 'Bearer undefined', 'Bearer null']) assert.ok(!gate.admits(said));
});

test('what cannot be used shuts the pages, and the warning names the file and nothing of it', (t) => {
  const folder = makeFolder(t);
  const secret = 'not-a-token-that-anybody-may-see-in-a-log';
  const cases: readonly (readonly [name: string, text: string, mode: number, wanted: RegExp])[] = [
    ['readable', secret, 0o644, /mode 0644 lets others use it, wanted 0600/],
    ['short', secret.slice(0, 31), 0o600, /a token of 32 to 1024 letters/],
    ['lines', `${secret}\n${secret}`, 0o600, /a token of 32 to 1024 letters/],
    ['empty', '', 0o600, /a token of 32 to 1024 letters/],
    ['long', secret.repeat(200), 0o600, /a token of 32 to 1024 letters/],
  ];
  for (const [name, text, mode, wanted] of cases) {
    const path = join(folder, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    const { gate, warning } = provideAdminGate(path);
    assert.match(warning ?? '', wanted);
    assert.ok((warning ?? '').includes(`"${path}"`));
    assert.ok(!(warning ?? '').includes(secret.slice(0, 12)));
    assert.ok(!gate.admits(`Bearer ${text}`), name);
  }
  assert.match(provideAdminGate(folder).warning ?? '', /stay shut: .*it is no file/);
  assert.match(provideAdminGate(join(folder, 'readable', 'token')).warning ?? '', /stay shut/);
});
