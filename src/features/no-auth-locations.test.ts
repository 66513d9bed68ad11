// Which rules nobody has to say for who they are.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isWithoutAuth, noAuthLocationsKey } from './no-auth-locations.ts';

function isOpen(path: string, setting?: string, pathKind: 'exact' | 'prefix' | 'regex' = 'prefix'): boolean {
  const parsed = setting === undefined ? undefined : noAuthLocationsKey.parse(setting);
  const value = parsed !== undefined && 'value' in parsed ? parsed.value : noAuthLocationsKey.invalidSetting;
  const values = new Map(setting === undefined ? [] : [[noAuthLocationsKey.name, value]]);
  return isWithoutAuth(values, { path, pathKind });
}

describe('no-auth-locations', () => {
  it('is where challenges of ACME are answered, unless it is set', () => {
    assert.equal(isOpen('/.well-known/acme-challenge'), true);
    assert.equal(isOpen('/.well-known/acme-challenge/token', undefined, 'exact'), true);
    for (const path of ['/', '/.well-known', '/.well-known/acme-challenges'])
      assert.equal(isOpen(path), false, path);
    assert.equal(isOpen('/.well-known/acme-challenge', '/open'), false);
  });

  it('counts whole elements of the path of the rule', () => {
    for (const path of ['/open', '/open/', '/open/a', '/b/c'])
      assert.equal(isOpen(path, '/open, /b/'), true, path);
    for (const path of ['/opened', '/ope', '/', '/bc']) assert.equal(isOpen(path, '/open, /b/'), false, path);
    assert.equal(isOpen('/anything', '/'), true);
  });

  it('opens no regular expression that may match elsewhere', () => {
    assert.equal(isOpen('/open/a', '/open', 'regex'), true);
    for (const path of ['/open/|/admin', '/open/?(.*)', '/open/.*', '/open/[a]'])
      assert.equal(isOpen(path, '/open', 'regex'), false, path);
  });

  it('is nothing where the setting is empty or none', () => {
    for (const setting of ['', ',', 'open', '/a\r\n/b'])
      assert.equal(isOpen('/open', setting), false, setting);
    assert.equal(isOpen('/.well-known/acme-challenge', 'open'), false);
  });
});
