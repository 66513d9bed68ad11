// deny: what is refused, and that no spelling, second line or costly text slips by.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LocalResponse, RequestView } from '../contract.ts';
import { parseKey, parseValues, sampleContext, sampleRequest } from '../sample-context.fixture.ts';
import { deny } from './feature.ts';

function ask(texts: Readonly<Record<string, string>>, request: Partial<RequestView>): LocalResponse | null {
  const policy = deny.compile(parseValues(deny, texts), sampleContext().context);
  assert.notEqual(policy, null);
  return deny.prepare?.(policy, { path: '/', pathKind: 'prefix' }).admit?.(sampleRequest(request)) ?? null;
}

describe('deny-paths', () => {
  const texts = { 'deny-paths': '/admin\n# internal\n/a/b/\n/%61pi' };
  const statusOf = (path: string, greedyPath = ''): number => ask(texts, { path, greedyPath })?.status ?? 200;

  it('refuses the path and what is below it, and no neighbour', () => {
    for (const path of ['/admin', '/admin/', '/admin/x', '/a/b', '/a/b/', '/a/b/c', '/api'])
      assert.equal(statusOf(path), 403, path);
    for (const path of ['/', '/administrator', '/a', '/a/bc', '/x/admin'])
      assert.equal(statusOf(path), 200, path);
  });

  it('refuses what a greedy reader would take for such a path', () => {
    assert.equal(statusOf('/x%2F..%2Fadmin', '/admin'), 403);
    assert.equal(statusOf('/x%2Fadmin', '/x/admin'), 200);
  });

  it('takes no list that it cannot compare', () => {
    for (const text of ['', 'admin', '/a?b', '/a*', '/%zz', '/../..', '/a\r\n/b', '/ä'])
      assert.ok('wanted' in parseKey(deny, 'deny-paths', text), text);
  });
});

describe('allow-methods and deny-methods', () => {
  it('answer 405 and name the methods that may come', () => {
    const refusal = ask({ 'allow-methods': 'GET, POST' }, { method: 'PUT' });
    assert.equal(refusal?.status, 405);
    assert.equal(refusal?.fields, 'Allow: GET, POST, HEAD\r\n');
    assert.equal(ask({ 'allow-methods': 'GET' }, { method: 'HEAD' }), null);
    assert.equal(ask({ 'deny-methods': 'TRACE,DELETE' }, { method: 'DELETE' })?.status, 405);
    assert.equal(ask({ 'deny-methods': 'TRACE' }, { method: 'GET' }), null);
    assert.equal(ask({ 'allow-methods': 'GET', 'deny-methods': 'HEAD' }, { method: 'HEAD' })?.status, 405);
  });

  it('count methods byte for byte and take no other list', () => {
    assert.equal(ask({ 'allow-methods': 'GET' }, { method: 'get' })?.status, 405);
    for (const text of ['', 'get', 'GET POST', 'GET,,POST', 'GET\n'])
      assert.ok('wanted' in parseKey(deny, 'allow-methods', text), text);
  });
});

describe('deny-user-agents and deny-referers', () => {
  const agents = { 'deny-user-agents': 'bad(bot|spider)\n^$' };

  it('search in any case, in every line, and know an empty one', () => {
    const statusOf = (...values: string[]): number =>
      ask(agents, { fieldValues: (name) => (name === 'user-agent' ? values : []) })?.status ?? 200;
    assert.equal(statusOf('Mozilla BadBot/1'), 403);
    assert.equal(statusOf('Mozilla'), 200);
    assert.equal(statusOf('Mozilla', 'badspider'), 403);
    assert.equal(statusOf(), 403);
  });

  it('look at their own field only', () => {
    const fieldValues = (name: string): string[] => (name === 'referer' ? ['https://spam.example/'] : ['x']);
    assert.equal(ask({ 'deny-referers': 'spam\\.example' }, { fieldValues })?.status, 403);
    assert.equal(ask({ 'deny-user-agents': 'spam' }, { fieldValues }), null);
  });

  it('refuse what is too costly to decide', () => {
    const texts = { 'deny-user-agents': Array.from({ length: 50 }, () => '(a|b|ab)*c$').join('\n') };
    assert.equal(ask(texts, { fieldValues: () => ['ab'.repeat(4_000)] })?.status, 403);
  });

  it('take linear patterns only', () => {
    for (const text of ['(a', '(a)\\1', '(?=a)', '', 'a\r']) {
      assert.ok('wanted' in parseKey(deny, 'deny-user-agents', text), text);
    }
  });
});

it('nothing is compiled for an Ingress without the annotations', () => {
  assert.equal(deny.compile(new Map(), sampleContext().context), null);
});
