// return: what is answered, and that variables lead nowhere that the owner has not written.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LocalResponse, RequestView } from '../contract.ts';
import { parseKey, parseValues, sampleContext, sampleRequest } from '../sample-context.fixture.ts';
import { returnAnswer } from './feature.ts';

function answerOf(
  texts: Readonly<Record<string, string>>,
  request: Partial<RequestView> = {},
): LocalResponse | null {
  const policy = returnAnswer.compile(parseValues(returnAnswer, texts), sampleContext().context);
  assert.notEqual(policy, null);
  const hooks = returnAnswer.prepare?.(policy, { path: '/', pathKind: 'prefix' });
  return hooks?.admit?.(sampleRequest(request)) ?? null;
}

describe('return', () => {
  it('gives a status, with the text of the owner', () => {
    assert.deepEqual(answerOf({ return: '403' }), { status: 403, reason: 'return' });
    assert.deepEqual(answerOf({ return: '200 {"a": "$host"}', 'return-type': 'application/json' }), {
      status: 200,
      reason: 'return',
      page: { text: '{"a": "$host"}', mediaType: 'application/json' },
    });
    assert.equal(answerOf({ return: '503\n  closed\n  today\n' })?.page?.text, 'closed\n  today');
  });

  it('redirects with the variables of the list', () => {
    const request = { path: '/x', query: '?y=1', host: 'a.test', scheme: 'https' };
    const place = (target: string): string | undefined =>
      answerOf({ return: `301 ${target}` }, request)?.location;
    assert.equal(place('https://new.example$request_uri'), 'https://new.example/x?y=1');
    assert.equal(place('$scheme://$host/new$is_args$args'), 'https://a.test/new?y=1');
    assert.equal(place('https://${host}:8443${request_uri}'), 'https://a.test:8443/x?y=1');
    assert.equal(place('/new?from=$uri'), '/new?from=/x');
  });

  it('has no redirect to an empty host', () => {
    const answer = answerOf({ return: '301 https://$host$request_uri' }, { host: '', path: '/evil.example' });
    assert.equal(answer?.status, 400);
  });

  it('takes nothing by which a request could choose the host', () => {
    const bad = [
      'https://good.example$arg_x',
      'https://good.example$args',
      'https://$arg_host/',
      'https://$http_x_host/',
      '$request_uri',
      '//evil.example',
      '/\\evil.example',
      '/$args',
      'https://a$host/',
      'https://good.example$uri_x',
      'javascript:alert(1)',
      'https://a/ b',
      'https://a/\r\nX: y',
      '',
    ];
    for (const target of bad) {
      assert.ok('wanted' in parseKey(returnAnswer, 'return', `302 ${target}`), target);
    }
  });

  it('takes no status that is none, and no text where none may be', () => {
    for (const text of [
      '',
      '100',
      '199',
      '600',
      '304',
      '300 x',
      'ok',
      '204 x',
      '2000',
      '200 a\0',
      `200 ${'a'.repeat(4_097)}`,
    ]) {
      assert.ok('wanted' in parseKey(returnAnswer, 'return', text), text.slice(0, 20));
    }
    for (const text of ['json', 'text/html\r\nX: y', 'a/b; x=y'])
      assert.ok('wanted' in parseKey(returnAnswer, 'return-type', text), text);
  });
});
