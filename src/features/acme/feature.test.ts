// acme: a switch that touches no route.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, parseValues, sampleContext } from '../sample-context.fixture.ts';
import { acme } from './feature.ts';

describe('acme', () => {
  it('is a switch', () => {
    assert.deepEqual(parseKey(acme, 'acme', 'true'), { value: true });
    assert.deepEqual(parseKey(acme, 'acme', 'false'), { value: false });
  });

  it('orders nothing by what is no switch', () => {
    for (const text of ['', '1', 'TRUE', 'yes', ' true', 'true\r\n', 'true\0', 'https://acme.example.com'])
      assert.ok('wanted' in parseKey(acme, 'acme', text), JSON.stringify(text));
    assert.deepEqual(
      acme.keys.map(({ onInvalid }) => onInvalid),
      ['default'],
    );
  });

  it('has no policy on a route, whatever it says, and no part of the dialect of ingress-nginx', () => {
    const { context, issues } = sampleContext();
    for (const text of ['true', 'false'])
      assert.equal(acme.compile(parseValues(acme, { acme: text }), context), null);
    assert.deepEqual(issues, []);
    assert.deepEqual(
      acme.keys.map(({ dialect }) => dialect),
      ['sallyport'],
    );
  });
});
