import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseUpConfig } from '../config/index.ts';
import { SourcePathError } from '../sources/index.ts';
import { renderAuthority, renderStartFailure } from './start-failure.ts';

const surroundings = { env: {}, homeDir: '/root', cores: 1, openFilesLimit: null, isLogTerminal: false };
const config = parseUpConfig(['-f', 'x', '--bind', '::1'], surroundings);

const cases: readonly (readonly [string, Error, string | null])[] = [
  [
    'a port in use',
    Object.assign(new Error('listen'), { code: 'EADDRINUSE', port: 8443 }),
    'sallyport up: cannot listen on [::1]:8443 (--https-port): the port is in use by another process; a free one is wanted',
  ],
  [
    'the admin port in use',
    Object.assign(new Error('listen'), { code: 'EADDRINUSE', port: 10254 }),
    'sallyport up: cannot listen on 127.0.0.1:10254 (--admin-port): the port is in use by another process; a free one is wanted',
  ],
  [
    'an address of another machine, from a worker that names no port',
    Object.assign(new Error('bind'), { code: 'EADDRNOTAVAIL' }),
    'sallyport up: cannot listen on [::1]:8080 (--http-port) or [::1]:8443 (--https-port): the address is none of this machine; one of its own is wanted',
  ],
  [
    'a path that is not there',
    new SourcePathError('nowhere', 'no such file or folder'),
    'sallyport up: -f: cannot read manifests from "nowhere": no such file or folder',
  ],
  ['a bug', new TypeError('x is not a function'), null],
];
for (const [name, error, message] of cases) {
  test(`renderStartFailure: ${name}`, () => {
    assert.ok(config !== null);
    assert.equal(renderStartFailure(error, config), message);
  });
}

test('renderAuthority: an IPv6 address stands in brackets', () => {
  assert.equal(renderAuthority('::1', 80), '[::1]:80');
  assert.equal(renderAuthority('127.0.0.1', 80), '127.0.0.1:80');
});
