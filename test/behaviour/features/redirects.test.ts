// Redirects of whole paths and of the root: where to, with what status, and before what.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Annotated, type Answer, fieldOf, serve } from './annotated.ts';
import type { TestContext } from 'node:test';

async function answerOf(t: TestContext, annotated: Annotated, target = '/something'): Promise<Answer> {
  const served = await serve(t, annotated);
  const answer = await served.ask(target);
  assert.equal(served.requests.length, answer.status === 200 ? 1 : 0);
  return answer;
}

test('permanent-redirect gives its URL as it is written, with the wanted status', async (t) => {
  const annotations = { 'permanent-redirect': 'http://redirect.example.com' };
  const answer = await answerOf(t, { annotations }, '/something?a=b');
  assert.equal(answer.status, 301);
  assert.equal(fieldOf(answer.head, 'location'), 'http://redirect.example.com');
  for (const [code, status] of Object.entries({ '302': 302, '308': 308, '299': 301, '400': 301 })) {
    const other = await answerOf(t, { annotations: { ...annotations, 'permanent-redirect-code': code } });
    assert.equal(other.status, status, code);
  }
});

test('temporal-redirect goes before permanent-redirect', async (t) => {
  const annotations = {
    'permanent-redirect': 'http://a.example.com',
    'temporal-redirect': 'https://b.example.com/x?y=z',
  };
  const answer = await answerOf(t, { annotations });
  assert.equal(answer.status, 302);
  assert.equal(fieldOf(answer.head, 'location'), 'https://b.example.com/x?y=z');
  const other = await answerOf(t, { annotations: { ...annotations, 'temporal-redirect-code': '308' } });
  assert.equal(other.status, 302, '308 is none of its statuses');
});

test('a relative URL is put behind scheme and host, unless it shall stay relative', async (t) => {
  const annotations = { 'permanent-redirect': '/bar' };
  assert.equal(fieldOf((await answerOf(t, { annotations })).head, 'location'), 'http://a.test/bar');
  const relative = { ...annotations, 'relative-redirects': 'true' };
  assert.equal(fieldOf((await answerOf(t, { annotations: relative })).head, 'location'), '/bar');
  const set = await answerOf(t, { annotations, settings: { 'relative-redirects': 'true' } });
  assert.equal(fieldOf(set.head, 'location'), '/bar');
});

test('a redirect needs no endpoint and goes before the one to HTTPS', async (t) => {
  const annotations = { 'permanent-redirect': 'http://a.example.com' };
  assert.equal((await answerOf(t, { annotations, hasEndpoints: false })).status, 301);
  assert.equal((await answerOf(t, { annotations, tls: true })).status, 301);
});

test('a URL that is none is refused with the object', async (t) => {
  const bad = [
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    'http://a/$1',
    'http://a b',
    'http://',
  ];
  for (const text of bad) {
    const served = await serve(t, { annotations: { 'permanent-redirect': text } });
    assert.equal((await served.ask('/')).status, 503, text);
    assert.ok(served.problems.some(({ code }) => code === 'AnnotationInvalid'));
  }
  const relative = await serve(t, { annotations: { 'temporal-redirect': '/relative' } });
  assert.equal((await relative.ask('/')).status, 503);
});

test('app-root sends the root away, with the host as it was spelt, and nothing else', async (t) => {
  const annotations = { 'app-root': '/foo' };
  const served = await serve(t, { annotations, tls: true });
  for (const target of ['/', '/.', '/?a=b']) {
    const answer = await served.ask(target, '', 'GET', 'A.test:8080');
    assert.equal(answer.status, 302, target);
    assert.equal(fieldOf(answer.head, 'location'), 'http://A.test:8080/foo');
  }
  assert.equal((await served.ask('/foo')).status, 308);
});

test('an app-root that is no path has no effect', async (t) => {
  for (const text of ['http://evil.example/', '//evil.example', 'foo']) {
    const served = await serve(t, { annotations: { 'app-root': text } });
    assert.equal((await served.ask('/')).status, 200);
    assert.ok(served.problems.some(({ code }) => code === 'AnnotationInvalid'));
  }
});
