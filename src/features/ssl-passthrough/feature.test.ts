// ssl-passthrough: switches of whole hosts. What becomes of connections is in test/behaviour/passthrough.test.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, parseValues, sampleContext } from '../sample-context.fixture.ts';
import { sslPassthrough } from './feature.ts';

const names = ['ssl-passthrough', 'ssl-passthrough-proxy-protocol'];

describe('ssl-passthrough', () => {
  it('is a switch, and a version of the PROXY protocol', () => {
    assert.deepEqual(parseKey(sslPassthrough, 'ssl-passthrough', 'true'), { value: true });
    assert.deepEqual(parseKey(sslPassthrough, 'ssl-passthrough', '0'), { value: false });
    for (const version of ['v1', 'v2'])
      assert.deepEqual(parseKey(sslPassthrough, 'ssl-passthrough-proxy-protocol', version), {
        value: version,
      });
  });

  it('refuses everything else, with the object: what is passed through cannot be checked', () => {
    for (const name of names)
      for (const text of ['', 'on', 'v3', 'V1', 'true ', 'v1,v2', 'true\n', 'v1\0'])
        assert.ok('wanted' in parseKey(sslPassthrough, name, text), `${name}: ${JSON.stringify(text)}`);
    assert.deepEqual(
      sslPassthrough.keys.map(({ onInvalid }) => onInvalid),
      ['reject', 'reject'],
    );
  });

  it('is of hosts: no route has a policy of it, and requests over plain HTTP meet none', () => {
    const { context, issues } = sampleContext();
    const texts = { 'ssl-passthrough': 'true', 'ssl-passthrough-proxy-protocol': 'v2' };
    assert.equal(sslPassthrough.compile(parseValues(sslPassthrough, texts), context), null);
    assert.deepEqual(issues, []);
    assert.deepEqual(
      sslPassthrough.keys.map(({ scope }) => scope),
      ['host', 'host'],
    );
  });
});
