// enable-cors and cors-*: whose scripts may read, what they are told, and who is told nothing.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RequestView } from '../contract.ts';
import { parseKey, prepareSample, sampleRequest } from '../sample-context.fixture.ts';
import { cors } from './feature.ts';

const on = { 'enable-cors': 'true' };

function request(origin: string, part: Partial<RequestView> = {}): RequestView {
  return sampleRequest({ field: (name) => (name === 'origin' ? origin : ''), ...part });
}

function lines(texts: Readonly<Record<string, string>>, origin: string, before = ''): string {
  return prepareSample(cors, texts)?.hooks.respond?.(request(origin), before, false) ?? before;
}

function originFor(list: string, origin: string): string | undefined {
  const texts = { ...on, 'cors-allow-origin': list };
  return /Allow-Origin: (.*)\r\n/.exec(lines(texts, origin))?.[1];
}

describe('cors', () => {
  it('is off unless it is switched on', () => {
    assert.equal(prepareSample(cors, {}), null);
    assert.equal(prepareSample(cors, { 'enable-cors': 'false', 'cors-allow-origin': '*' }), null);
    assert.equal(prepareSample(cors, { 'enable-cors': 'yes' }), null);
  });

  it('tells everybody by default, those without an origin too', () => {
    for (const origin of ['', 'https://a.test']) {
      const told = lines(on, origin);
      assert.match(told, /^Access-Control-Allow-Origin: \*\r\n/);
      assert.match(told, /\r\nAccess-Control-Allow-Credentials: true\r\n/);
      assert.match(told, /\r\nAccess-Control-Max-Age: 1728000\r\n/);
      assert.doesNotMatch(told, /Expose/);
    }
  });

  it('repeats an origin that is listed, and says nothing to others', () => {
    assert.equal(
      originFor('https://foo.bar.com:8080', 'https://foo.bar.com:8080'),
      'https://foo.bar.com:8080',
    );
    assert.equal(originFor('https://foo.bar.com:8080', 'https://foo.bar.com'), undefined);
    assert.equal(originFor('https://foo.bar.com', 'https://foo.bar.com:8080'), undefined);
    assert.equal(originFor('https://foo.bar.com', 'https://fooxbar.com'), undefined);
    assert.equal(originFor('https://foo.bar.com', 'https://evil.test/https://foo.bar.com'), undefined);
    assert.equal(originFor('http://*.cors.com', 'http://bar-foo.cors.com'), 'http://bar-foo.cors.com');
    assert.equal(originFor('http://*.cors.com', 'http://bar.foo.cors.com'), undefined);
    assert.equal(originFor('null', 'null'), 'null');
    assert.equal(originFor('*, foo.bar.com', 'https://any.test'), '*');
    assert.equal(originFor('foo.bar.com', 'https://foo.bar.com'), undefined);
  });

  it('replaces what the endpoint says of it, and keeps that for origins that are not listed', () => {
    const texts = { ...on, 'cors-allow-origin': 'https://a.test', 'cors-allow-credentials': 'false' };
    const said = 'Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Credentials: true\r\nX: 1\r\n';
    const told = lines(texts, 'https://a.test', said);
    assert.equal(told.match(/Allow-Origin/g)?.length, 1);
    assert.match(told, /Allow-Origin: https:\/\/a\.test\r\n/);
    assert.doesNotMatch(told, /Credentials/);
    assert.equal(lines(texts, 'https://b.test', said), said);
  });

  it('answers every OPTIONS of a listed origin, and no other request', () => {
    const admit = prepareSample(cors, { ...on, 'cors-allow-origin': 'https://a.test' })?.hooks.admit;
    const options = { method: 'OPTIONS' };
    assert.deepEqual(admit?.(request('https://a.test', options)), { status: 204, reason: 'cors-preflight' });
    assert.equal(admit?.(request('https://b.test', options)), null);
    assert.equal(admit?.(request('', options)), null);
    assert.equal(admit?.(request('https://a.test')), null);
  });

  it('says what the other annotations have', () => {
    const told = lines(
      {
        ...on,
        'cors-allow-methods': 'GET, PUT',
        'cors-allow-headers': 'X-A,X-B',
        'cors-expose-headers': '*',
        'cors-max-age': '60',
      },
      '',
    );
    for (const line of [
      'Allow-Methods: GET, PUT',
      'Allow-Headers: X-A,X-B',
      'Expose-Headers: *',
      'Max-Age: 60',
    ])
      assert.ok(told.includes(`Access-Control-${line}\r\n`), line);
  });

  it('refuses what could break out of a line', () => {
    for (const name of ['cors-allow-methods', 'cors-allow-headers', 'cors-expose-headers', 'cors-max-age'])
      assert.ok('wanted' in parseKey(cors, name, '1\r\nX: y'), name);
    assert.ok('wanted' in parseKey(cors, 'cors-max-age', '-1'));
    assert.ok('wanted' in parseKey(cors, 'cors-allow-methods', 'GET; PUT'));
  });

  it('describes itself', () => {
    const of = (list: string): string =>
      cors.describe(prepareSample(cors, { ...on, 'cors-allow-origin': list })?.policy);
    assert.equal(of('*'), 'let scripts of any origin read the answers');
  });
});
