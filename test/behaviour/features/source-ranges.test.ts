// Lists of addresses through a worker: who gets 403, and what goes before and after.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serve, trusting } from './annotated.ts';

const from = (address: string): string => `X-Forwarded-For: ${address}\r\n`;

test('addresses that are denied get 403, others are served', async (t) => {
  const served = await serve(
    t,
    { annotations: { 'denylist-source-range': '18.0.0.0/8, 56.0.0.1' } },
    trusting,
  );
  assert.equal((await served.ask('/', from('18.0.0.1'))).status, 403);
  assert.equal((await served.ask('/', from('56.0.0.1'))).status, 403);
  assert.equal((await served.ask('/', from('56.0.0.2'))).status, 200);
  assert.equal(served.requests.length, 1);
});

test('both lists: the denied first, and nobody but the allowed', async (t) => {
  const annotations = {
    'denylist-source-range': '18.1.0.0/16, 56.0.0.0/8',
    'allowlist-source-range': '18.0.0.0/8, 55.0.0.0/8',
  };
  const served = await serve(t, { annotations }, trusting);
  const wanted = { '18.1.0.1': 403, '10.10.10.10': 403, '18.4.0.1': 200, '55.55.55.55': 200 };
  for (const [address, status] of Object.entries(wanted)) {
    assert.equal((await served.ask('/', from(address))).status, status, address);
  }
});

test('a client that is not trusted cannot choose its address', async (t) => {
  const served = await serve(t, { annotations: { 'allowlist-source-range': '18.0.0.0/8' } });
  assert.equal((await served.ask('/', from('18.0.0.1'))).status, 403);
  assert.equal(served.requests.length, 0);
});

test('a value that is no list denies, as annotation and as setting, and says so', async (t) => {
  for (const text of ['', '10.0.0.0/99', 'office']) {
    const served = await serve(t, { annotations: { 'whitelist-source-range': text } });
    assert.equal((await served.ask('/')).status, 503);
    assert.ok(
      served.problems.some(({ code, severity }) => code === 'AnnotationInvalid' && severity === 'error'),
    );
  }
  const set = await serve(t, { settings: { 'denylist-source-range': 'office' } });
  assert.equal((await set.ask('/')).status, 403);
  assert.ok(set.problems.some(({ code }) => code === 'ParametersInvalid'));
});

test('the annotation goes before the setting', async (t) => {
  const served = await serve(t, {
    settings: { 'whitelist-source-range': '10.0.0.0/8' },
    annotations: { 'whitelist-source-range': '127.0.0.0/8' },
  });
  assert.equal((await served.ask('/')).status, 200);
  const other = await serve(t, { settings: { 'whitelist-source-range': '10.0.0.0/8' } });
  assert.equal((await other.ask('/')).status, 403);
});

test('redirects go before, and so does the want of endpoints', async (t) => {
  const annotations = { 'denylist-source-range': '0.0.0.0/0' };
  const redirected = await serve(t, { annotations, tls: true });
  assert.equal((await redirected.ask('/')).status, 308);
  const empty = await serve(t, { annotations, hasEndpoints: false });
  assert.equal((await empty.ask('/')).status, 503);
});

test('the body of a refused request is not taken for the next one', async (t) => {
  const served = await serve(t, { annotations: { 'denylist-source-range': '127.0.0.1' } });
  const smuggled = 'GET /admin HTTP/1.1\r\nHost: a.test\r\n\r\n';
  const answer = await served.ask('/', `Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`, 'POST');
  assert.equal(answer.status, 403);
  assert.equal(answer.body.includes('HTTP/1.1'), false);
  assert.equal(served.requests.length, 0);
});
