// tracing: off unless asked for, whom it trusts, and what a span is called.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, parseValues, sampleContext } from '../sample-context.fixture.ts';
import { tracing } from './feature.ts';

function compile(texts: Readonly<Record<string, string>>): unknown {
  return tracing.compile(parseValues(tracing, texts), sampleContext().context);
}

describe('tracing', () => {
  it('is off, whatever else is said, until it is switched on', () => {
    for (const texts of [
      {},
      { 'enable-opentelemetry': 'false' },
      { 'opentelemetry-trust-incoming-span': 'true', 'opentelemetry-operation-name': 'shop' },
    ])
      assert.equal(compile(texts), null);
  });

  it('trusts the spans of clients unless told not to', () => {
    const on = { 'enable-opentelemetry': 'true' };
    assert.deepEqual(compile(on), { trustsIncoming: true, operationName: '' });
    const texts = {
      ...on,
      'opentelemetry-trust-incoming-span': 'false',
      'opentelemetry-operation-name': 'shop_1-A',
    };
    assert.deepEqual(compile(texts), { trustsIncoming: false, operationName: 'shop_1-A' });
    assert.equal(tracing.describe(compile(texts)), 'make spans "shop_1-A" in traces of its own');
  });

  it('takes no name but of letters, digits, "_" and "-"', () => {
    for (const text of ['a b', '$uri', 'a\nb', 'é', 'x'.repeat(257)])
      assert.ok('wanted' in parseKey(tracing, 'opentelemetry-operation-name', text), text);
  });
});
