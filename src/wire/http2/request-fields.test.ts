// Requests for HTTP/2 upstreams: pseudo-fields, lower case, repeated names, names that objects inherit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRequestFields } from './request-fields.ts';

const target = { method: 'GET', scheme: 'http', authority: 'a.test', path: '/p?q' } as const;

test('lines become fields by lower-case name, in order', () => {
  const fields = makeRequestFields(target, 'X-A: 1\r\nx-a:2\r\nX-B:\r\nx-A: 3\r\n');
  assert.deepEqual(Object.entries(fields), [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':authority', 'a.test'],
    [':path', '/p?q'],
    ['x-a', ['1', '2', '3']],
    ['x-b', ''],
  ]);
});

test('no name is special to the map', () => {
  const fields = makeRequestFields({ ...target, authority: '' }, '__proto__: x\r\nconstructor: y\r\n');
  assert.deepEqual(Object.keys(fields), [':method', ':scheme', ':path', '__proto__', 'constructor']);
  assert.equal(Object.getPrototypeOf(fields), null);
});
