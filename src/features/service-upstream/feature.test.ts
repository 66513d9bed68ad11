// service-upstream: a switch that the translator asks for.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, parseValues, sampleContext } from '../sample-context.fixture.ts';
import { serviceUpstream, wantsServiceAddress } from './feature.ts';

describe('service-upstream', () => {
  it('is on where it says so', () => {
    for (const text of ['true', '1', 'T'])
      assert.equal(
        wantsServiceAddress(parseValues(serviceUpstream, { 'service-upstream': text })),
        true,
        text,
      );
  });

  it('is off by default, and by a value that is none', () => {
    for (const text of ['false', '', 'on', 'yes', 'true ', 'true\r\n', '10.0.0.1:80'])
      assert.equal(
        wantsServiceAddress(parseValues(serviceUpstream, { 'service-upstream': text })),
        false,
        text,
      );
    assert.equal(wantsServiceAddress(new Map()), false);
    assert.ok('wanted' in parseKey(serviceUpstream, 'service-upstream', 'on'));
  });

  it('takes no address of its own: the Service is the one of the path', () => {
    const { context, issues } = sampleContext();
    const values = parseValues(serviceUpstream, { 'service-upstream': 'true' });
    assert.equal(serviceUpstream.compile(values, context), null);
    assert.equal(serviceUpstream.upstreamOf, undefined);
    assert.deepEqual(issues, []);
  });
});
