// proxy-redirect-* and proxy-cookie-*: what changes in responses of endpoints, and what must not.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, prepareSample, sampleRequest } from '../sample-context.fixture.ts';
import { responseRewrite } from './feature.ts';

function changed(texts: Readonly<Record<string, string>>, fields: string, isOwn = false): string {
  const respond = prepareSample(responseRewrite, texts)?.hooks.respond;
  return respond === undefined ? fields : respond(sampleRequest(), fields, isOwn);
}

const locations = { 'proxy-redirect-from': 'http://inner/', 'proxy-redirect-to': 'https://shop/' };

describe('response-rewrite', () => {
  it('changes the beginning of Location', () => {
    assert.equal(changed(locations, 'Location: http://inner/a?b\r\n'), 'Location: https://shop/a?b\r\n');
    for (const line of [
      'Location: http://other/\r\n',
      'X: http://inner/\r\n',
      'Location: /http://inner/\r\n',
    ])
      assert.equal(changed(locations, line), line);
  });

  it('changes domains of cookies, whatever their case and with a dot or without', () => {
    const texts = { 'proxy-cookie-domain': 'inner.local shop.test' };
    const line = 'Set-Cookie: a=1; Domain=.Inner.Local; Secure\r\nset-cookie: b=2; domain=inner.local\r\n';
    const wanted = 'Set-Cookie: a=1; Domain=shop.test; Secure\r\nset-cookie: b=2; domain=shop.test\r\n';
    assert.equal(changed(texts, line), wanted);
    for (const other of ['Set-Cookie: domain=inner.local\r\n', 'Set-Cookie: a=1; Domain=x.inner.local\r\n'])
      assert.equal(changed(texts, other), other);
  });

  it('changes the beginning of paths of cookies', () => {
    const texts = { 'proxy-cookie-path': '/one/ /' };
    assert.equal(changed(texts, 'Set-Cookie: a=1; Path=/one/x\r\n'), 'Set-Cookie: a=1; Path=/x\r\n');
    for (const other of ['Set-Cookie: a=1; Path=/two\r\n', 'Set-Cookie: path=/one/; HttpOnly\r\n'])
      assert.equal(changed(texts, other), other);
  });

  it('leaves answers of the proxy alone', () => {
    const line = 'Location: http://inner/a\r\n';
    assert.equal(changed(locations, line, true), line);
  });

  it('is off without values, by "off", and by half of a pair', () => {
    const off = [
      {},
      { ...locations, 'proxy-redirect-to': 'off' },
      { ...locations, 'proxy-redirect-from': 'off' },
      { ...locations, 'proxy-redirect-from': 'default' },
      { 'proxy-redirect-from': 'http://inner/' },
      { 'proxy-cookie-domain': 'off', 'proxy-cookie-path': 'off' },
    ];
    for (const texts of off) assert.equal(prepareSample(responseRewrite, texts), null);
  });

  it('refuses what could end a field or an attribute', () => {
    for (const name of ['proxy-cookie-domain', 'proxy-cookie-path'])
      for (const text of ['a', 'a b c', 'a b;c', 'a b\r\nX:y', '', `a ${'b'.repeat(257)}`])
        assert.ok('wanted' in parseKey(responseRewrite, name, text), text);
    for (const text of ['a\r\nb', 'a b', ''])
      assert.ok('wanted' in parseKey(responseRewrite, 'proxy-redirect-to', text), text);
  });

  it('describes itself', () => {
    const described = responseRewrite.describe(prepareSample(responseRewrite, locations)?.policy);
    assert.equal(described, 'Location "http://inner/" becomes "https://shop/"');
  });
});
