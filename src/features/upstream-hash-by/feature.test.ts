// upstream-hash-by: expressions of nginx variables to parts, and what is refused.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, parseValues, sampleContext } from '../sample-context.fixture.ts';
import { upstreamHashBy } from './feature.ts';

function compile(texts: Readonly<Record<string, string>>): unknown {
  return upstreamHashBy.compile(parseValues(upstreamHashBy, texts), sampleContext().context);
}

function partsOf(text: string): unknown {
  return parseKey(upstreamHashBy, 'upstream-hash-by', text);
}

describe('upstream-hash-by', () => {
  it('reads variables, braces and text, and leaves spaces out', () => {
    assert.deepEqual(partsOf('$request_uri'), { value: [{ kind: 'request-uri' }] });
    assert.deepEqual(partsOf('$binary_remote_addr'), { value: [{ kind: 'client-address' }] });
    assert.deepEqual(partsOf('${arg_Id}-x $http_X_Tenant$cookie_Sid'), {
      value: [
        { kind: 'argument', name: 'id' },
        { kind: 'text', text: '-x' },
        { kind: 'header', name: 'x-tenant' },
        { kind: 'cookie', name: 'Sid' },
      ],
    });
  });

  it('refuses other variables, other characters, fixed text and what is too long', () => {
    for (const text of [
      '$upstream_addr',
      '$http_',
      '$',
      '${host',
      '$host}',
      '{host}',
      '$host;',
      '$host.x',
      'fixed',
      '',
      '$text',
      '$header',
      '$host\r\n',
      `$host${'a'.repeat(1_024)}`,
    ])
      assert.ok('wanted' in parseKey(upstreamHashBy, 'upstream-hash-by', text), text);
  });

  it('compiles to nothing without an expression, and has a subset only when it is switched on', () => {
    const size = { 'upstream-hash-by-subset-size': '5' };
    assert.equal(compile({ 'upstream-hash-by-subset': 'true', ...size }), null);
    const key = [{ kind: 'host' }];
    const hash = { 'upstream-hash-by': '$host' };
    assert.deepEqual(compile({ ...hash, ...size }), { key, subsetSize: 1, maxLoadPercent: 0 });
    assert.deepEqual(compile({ ...hash, 'upstream-hash-by-subset': 'true' }), {
      key,
      subsetSize: 3,
      maxLoadPercent: 0,
    });
    assert.deepEqual(compile({ ...hash, 'upstream-hash-by-subset': 'true', ...size }), {
      key,
      subsetSize: 5,
      maxLoadPercent: 0,
    });
    assert.deepEqual(compile({ ...hash, 'upstream-hash-by-max-load': '125' }), {
      key,
      subsetSize: 1,
      maxLoadPercent: 125,
    });
  });

  it('takes bounds above the fair share only, and subsets that hold something', () => {
    for (const text of ['100', '0', '-1', '1.5', '99999'])
      assert.ok('wanted' in parseKey(upstreamHashBy, 'upstream-hash-by-max-load', text), text);
    for (const text of ['0', '-3', 'x'])
      assert.ok('wanted' in parseKey(upstreamHashBy, 'upstream-hash-by-subset-size', text), text);
  });

  it('describes itself', () => {
    const policy = compile({ 'upstream-hash-by': '$host-$arg_id', 'upstream-hash-by-max-load': '150' });
    assert.equal(
      upstreamHashBy.describe(policy),
      'same endpoint for the same host + - + argument id, at most 150 % of the fair load',
    );
  });
});
