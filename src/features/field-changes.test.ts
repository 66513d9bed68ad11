// Field changes of requests and responses: which lines are taken, and what they make of a head.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Feature, RequestView } from './contract.ts';
import { requestFields } from './request-fields/feature.ts';
import { responseFields } from './response-fields/feature.ts';
import { parseKey, parseValues, sampleContext, sampleRequest } from './sample-context.fixture.ts';
import { securityFields } from './security-fields/feature.ts';

function change(
  feature: Feature,
  texts: Readonly<Record<string, string>>,
  lines: string,
  request: Partial<RequestView> = {},
): string {
  const policy = feature.compile(parseValues(feature, texts), sampleContext().context);
  assert.notEqual(policy, null);
  const hooks = feature.prepare?.(policy, { path: '/', pathKind: 'prefix' });
  const hook = hooks?.forward ?? hooks?.respond;
  return hook?.(sampleRequest(request), lines, false) ?? '';
}

describe('fields of requests and responses', () => {
  it('are removed, then set, then added', () => {
    const texts = {
      'request-headers-remove': 'X-Gone, x-b',
      'request-headers-set': 'X-A: new\nX-Who: $remote_addr via $http_x_b',
      'request-headers-add': 'X-A: more',
    };
    const lines = 'x-a: old\r\nx_a: older\r\nX-Gone: 1\r\nX-B: b\r\nX-Kept: 1\r\n';
    const request = { clientAddress: '192.0.2.7', field: (name: string) => (name === 'x-b' ? 'b' : '') };
    assert.equal(
      change(requestFields, texts, lines, request),
      'X-Kept: 1\r\nX-A: new\r\nX-Who: 192.0.2.7 via b\r\nX-A: more\r\n',
    );
  });

  it('whose value comes out empty are not there', () => {
    assert.equal(change(requestFields, { 'request-headers-set': 'X-A: $http_x_b' }, 'X-A: client\r\n'), '');
  });

  it('that frame a message, or are said by others, are refused', () => {
    const both = [
      'Content-Length',
      'transfer-encoding',
      'Connection',
      'Upgrade',
      'TE',
      'Trailer',
      'Proxy-X',
      'Keep-Alive',
    ];
    const names = {
      request: [
        ...both,
        'Host',
        'X-Forwarded-For',
        'X-Real-IP',
        'Forwarded',
        'Expect',
        'X-Request-ID',
        'X-Original-URI',
      ],
      response: [
        ...both,
        'Set-Cookie',
        'Strict-Transport-Security',
        'Date',
        'Server',
        'Location',
        'Grpc-Status',
      ],
    };
    for (const [side, list] of Object.entries(names)) {
      const feature = side === 'request' ? requestFields : responseFields;
      for (const name of list) {
        for (const verb of ['set', 'add'])
          assert.ok('wanted' in parseKey(feature, `${side}-headers-${verb}`, `${name}: x`), name);
      }
    }
    for (const name of both) assert.ok('wanted' in parseKey(responseFields, 'response-headers-remove', name));
    assert.ok('value' in parseKey(responseFields, 'response-headers-remove', 'Server, Set-Cookie'));
  });

  it('of responses repeat no credentials', () => {
    for (const variable of [
      '$http_cookie',
      '${http_authorization}',
      '$cookie_session',
      '$http_proxy_authorization',
    ]) {
      assert.ok('wanted' in parseKey(responseFields, 'response-headers-set', `X-A: ${variable}`), variable);
    }
  });

  it('take no other grammar', () => {
    for (const text of [
      '',
      'X-A',
      'X-A:',
      ': x',
      'X_A: x',
      'X A: x',
      'X-A: a\rb',
      'X-A: ä',
      'X-A: $nothing',
      'X-A: $',
      '__proto__: x',
    ])
      assert.ok('wanted' in parseKey(requestFields, 'request-headers-set', text), text);
    const many = Array.from({ length: 51 }, (_, index) => `X-${index}: 1`).join('\n');
    assert.ok('wanted' in parseKey(requestFields, 'request-headers-set', many));
  });

  it('are whole lines, whatever a value holds', () => {
    const values = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(values, (value) => {
        const text = `X-A: ${value}`;
        if ('wanted' in parseKey(responseFields, 'response-headers-set', text)) return;
        const lines = change(responseFields, { 'response-headers-set': text }, 'X-B: 1\r\n');
        assert.match(lines, /^X-B: 1\r\n(?:[A-Za-z0-9-]+: [^\r\n\0]+\r\n)*$/);
      }),
    );
  });
});

describe('security-headers', () => {
  it('are there unless the endpoint says them itself', () => {
    const lines = change(securityFields, { 'security-headers': 'true' }, 'X-Frame-Options: DENY\r\n');
    assert.equal(
      lines,
      'X-Frame-Options: DENY\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: strict-origin-when-cross-origin\r\n',
    );
  });

  it('that are named go before what the endpoint says', () => {
    const texts = {
      'frame-options': 'deny',
      'content-security-policy': "default-src 'self';\n  img-src *\n",
    };
    assert.equal(
      change(securityFields, texts, 'X-Frame-Options: SAMEORIGIN\r\nContent-Security-Policy: x\r\n'),
      "X-Frame-Options: DENY\r\nContent-Security-Policy: default-src 'self'; img-src *\r\n",
    );
  });

  it('take no value that browsers would not', () => {
    assert.ok('wanted' in parseKey(securityFields, 'frame-options', 'ALLOW-FROM https://a'));
    assert.ok('wanted' in parseKey(securityFields, 'referrer-policy', 'none'));
    for (const text of ['true', '', "'self'", 'default-src ä', 'default-src a\r\nX: y'])
      assert.ok('wanted' in parseKey(securityFields, 'content-security-policy', text), text);
    assert.equal(
      securityFields.compile(new Map([['security-headers', false]]), sampleContext().context),
      null,
    );
  });
});
