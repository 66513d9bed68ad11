import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseUpConfig, type Surroundings } from '../config/index.ts';
import { ownListenersOf } from './own-listeners.ts';

const surroundings: Surroundings = {
  env: {},
  homeDir: '/home/x',
  cores: 1,
  openFilesLimit: null,
  isLogTerminal: false,
};

function listeners(...words: readonly string[]): string[] {
  const config = parseUpConfig(['-f', 'x', ...words], surroundings);
  assert.ok(config !== null);
  return ownListenersOf(config, ['127.0.0.1', '192.0.2.7']).map(
    ({ address, port, purpose }) => `${purpose} ${address} ${port}`,
  );
}

test('the own listeners are those that are on', () => {
  assert.deepEqual(listeners('--https-port', '0'), ['traffic 127.0.0.1 8080', 'admin 127.0.0.1 10254']);
  assert.deepEqual(listeners('--admin-port', '0', '--https-port', '0', '--bind', '0.0.0.0'), [
    'traffic 0.0.0.0 8080',
    'traffic 127.0.0.1 8080',
    'traffic 192.0.2.7 8080',
  ]);
});
