// Requests for HTTP/2 upstreams: pseudo-fields first, field lines behind them, TE only where trailers are taken.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRequestFields } from './request-fields.ts';

const target = { method: 'GET', scheme: 'http', authority: 'a.test', path: '/p?q' } as const;

test('pseudo-fields come first, then the lines', () => {
  const fields = makeRequestFields(target, 'X-A: 1\r\nx-a:2\r\nTE: gzip\r\n', true);
  assert.deepEqual(Object.entries(fields), [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':authority', 'a.test'],
    [':path', '/p?q'],
    ['x-a', ['1', '2']],
    ['te', 'trailers'],
  ]);
});

test('no authority, no trailers', () => {
  const fields = makeRequestFields({ ...target, authority: '' }, '', false);
  assert.deepEqual(Object.keys(fields), [':method', ':scheme', ':path']);
});
