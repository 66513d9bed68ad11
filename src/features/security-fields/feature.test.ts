// security-fields: which fields a response gets, and that the endpoint's own go before those of the preset only.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, parseValues, sampleContext, sampleRequest } from '../sample-context.fixture.ts';
import { securityFields } from './feature.ts';

/** The lines of a response to which the endpoint said `lines`. */
function respond(texts: Readonly<Record<string, string>>, lines = ''): string {
  const policy = securityFields.compile(parseValues(securityFields, texts), sampleContext().context);
  if (policy === null) return lines;
  const hooks = securityFields.prepare?.(policy, { path: '/', pathKind: 'prefix' });
  return hooks?.respond?.(sampleRequest(), lines, false) ?? lines;
}

describe('security-fields', () => {
  it('sends the preset, and what is named instead of a part of it', () => {
    const preset = respond({ 'security-headers': 'true' });
    assert.match(preset, /X-Content-Type-Options: nosniff\r\n/);
    assert.match(preset, /X-Frame-Options: SAMEORIGIN\r\n/);
    const changed = respond({ 'security-headers': 'true', 'frame-options': 'deny' });
    assert.match(changed, /X-Frame-Options: DENY\r\n/);
    assert.doesNotMatch(changed, /SAMEORIGIN/);
  });

  it('leaves to the endpoint what it says itself, unless the field is named', () => {
    const own = 'x-frame-options: DENY\r\n';
    assert.doesNotMatch(respond({ 'security-headers': 'true' }, own), /SAMEORIGIN/);
    const named = respond({ 'frame-options': 'SAMEORIGIN' }, own);
    assert.equal(named.match(/x-frame-options/gi)?.length, 1);
    assert.match(named, /SAMEORIGIN/);
  });

  it('is nothing without an annotation, or switched off', () => {
    assert.equal(respond({}), '');
    assert.equal(respond({ 'security-headers': 'false' }), '');
  });

  it('refuses, with the object, what would be no protection', () => {
    const bad: Readonly<Record<string, readonly string[]>> = {
      'security-headers': ['', 'on', 'true\n'],
      'frame-options': ['', 'ALLOW-FROM https://a.test', 'DENY\r\nX: y', 'DENY, SAMEORIGIN'],
      'referrer-policy': ['', 'none', 'origin\0'],
      'content-security-policy': [
        '',
        'true',
        "default-src 'self'\r\nSet-Cookie: a=b",
        'ä',
        `a ${'b'.repeat(5_000)}`,
      ],
    };
    for (const [name, texts] of Object.entries(bad))
      for (const text of texts)
        assert.ok(
          'wanted' in parseKey(securityFields, name, text),
          `${name}: ${JSON.stringify(text.slice(0, 60))}`,
        );
    for (const { onInvalid } of securityFields.keys) assert.equal(onInvalid, 'reject');
  });
});
