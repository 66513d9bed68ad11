// The proxy as an endpoint of itself: refused under every spelling, and nothing else with it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isOwnListener, isOwnListenerName, type OwnListener } from './own-listeners.ts';

const listeners: readonly OwnListener[] = [
  { address: '127.0.0.1', port: 10254, purpose: 'admin' },
  { address: '0.0.0.0', port: 8080, purpose: 'traffic' },
  { address: '192.0.2.7', port: 8080, purpose: 'traffic' },
];

describe('isOwnListener', () => {
  it('compares addresses, not texts', () => {
    for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '::FFFF:7f00:1']) {
      assert.equal(isOwnListener(listeners, address, 10254), true, address);
    }
  });

  it('takes every loopback address for an unspecified one', () => {
    for (const address of ['127.0.0.1', '127.9.9.9', '::1', '192.0.2.7']) {
      assert.equal(isOwnListener(listeners, address, 8080), true, address);
    }
  });

  it('leaves other ports and addresses alone', () => {
    for (const [address, port] of [
      ['127.0.0.1', 8081],
      ['127.0.0.2', 10254],
      ['192.0.2.8', 8080],
      ['localhost', 8080],
    ] as const) {
      assert.equal(isOwnListener(listeners, address, port), false, `${address} ${port}`);
    }
  });
});

describe('isOwnListenerName', () => {
  it('refuses the admin port under any name, for a name may point anywhere', () => {
    for (const name of ['localhost', 'a.localhost', 'intern.example.com', '127.0.0.1']) {
      assert.equal(isOwnListenerName(listeners, name, 10254), true, name);
    }
    assert.equal(isOwnListenerName(listeners, '192.0.2.99', 10254), false);
  });

  it('refuses traffic ports under the names of this machine', () => {
    assert.equal(isOwnListenerName(listeners, 'localhost', 8080), true);
    assert.equal(isOwnListenerName(listeners, 'example.com', 8080), false);
    assert.equal(isOwnListenerName(listeners, 'localhost', 8081), false);
  });
});
