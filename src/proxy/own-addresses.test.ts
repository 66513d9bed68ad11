import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownAddressTest } from './own-addresses.ts';

const ports = { httpPort: 8080, httpsPort: 0, publicHttpsPort: 443, isShared: false };

test('own addresses: the listening address and its ports, and nothing else', () => {
  const isOwn = ownAddressTest({ address: '127.0.0.1', ...ports });
  assert.equal(isOwn('127.0.0.1', 8080), true);
  assert.equal(isOwn('127.0.0.2', 8080), false);
  assert.equal(isOwn('127.0.0.1', 8081), false);
  assert.equal(isOwn('127.0.0.1', 0), false);
  assert.equal(isOwn('192.0.2.1', 8080), false);
});

test('own addresses: an unspecified listening address stands for every address of the machine', () => {
  const isOwn = ownAddressTest({ address: '0.0.0.0', ...ports });
  assert.equal(isOwn('127.0.0.1', 8080), true);
  assert.equal(isOwn('::1', 8080), true);
  assert.equal(isOwn('192.0.2.1', 8080), false);
});

test('own addresses: a listener on one public address leaves loopback alone', () => {
  const isOwn = ownAddressTest({ address: '192.0.2.1', ...ports });
  assert.equal(isOwn('192.0.2.1', 8080), true);
  assert.equal(isOwn('127.0.0.1', 8080), false);
});

test('own addresses: ports of streams count as long as they are there', () => {
  const streams = new Set([5432]);
  const isOwn = ownAddressTest({ address: '127.0.0.1', ...ports }, (port) => streams.has(port));
  assert.equal(isOwn('127.0.0.1', 5432), true);
  assert.equal(isOwn('192.0.2.1', 5432), false);
  streams.clear();
  assert.equal(isOwn('127.0.0.1', 5432), false);
});
