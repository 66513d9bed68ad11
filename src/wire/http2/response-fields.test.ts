import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addFieldLines, makeHttp2Fields } from './response-fields.ts';
import { renderRequestTrailers } from './request-trailers.ts';

function translate(lines: string): Record<string, unknown> {
  const fields = makeHttp2Fields();
  addFieldLines(fields, lines);
  return { ...fields };
}

test('names in lower case, values without the white space around them', () => {
  assert.deepEqual(translate('X-A:  b c \r\nETag:\r\n'), { 'x-a': 'b c', etag: '' });
});

test('several of a name stay several, in order; of what may come once the first counts', () => {
  const lines = 'Set-Cookie: a\r\nLocation: /a\r\nset-cookie: b\r\nlocation: /b\r\nSET-COOKIE: c\r\n';
  assert.deepEqual(translate(lines), { 'set-cookie': ['a', 'b', 'c'], location: '/a' });
});

test('what belongs to a connection stays behind', () => {
  const lines =
    'Connection: x\r\nKeep-Alive: 1\r\nProxy-Connection: x\r\nTransfer-Encoding: chunked\r\nUpgrade: h2c\r\nTE: trailers\r\nX: y\r\n';
  assert.deepEqual(translate(lines), { x: 'y' });
});

test('any name is harmless', () => {
  const fields = makeHttp2Fields();
  addFieldLines(fields, '__proto__: a\r\nconstructor: b\r\n__proto__: c\r\n');
  assert.deepEqual(Object.entries(fields), [
    ['__proto__', ['a', 'c']],
    ['constructor', 'b'],
  ]);
});

test('request trailers: judged by the rules of HTTP/1.1, and by those of HTTP/2 names', () => {
  assert.equal(renderRequestTrailers(['x-sum', '1', 'x-more', '2'], 100), 'x-sum: 1\r\nx-more: 2\r\n');
  assert.equal(renderRequestTrailers(['content-length', '1', 'cookie', 'a', 'x', 'y'], 100), 'x: y\r\n');
  assert.equal(
    renderRequestTrailers(['ssl-client-verify', 'SUCCESS', 'ssl-client-cert', 'a', 'x', 'y'], 100),
    'x: y\r\n',
  );
  assert.equal(renderRequestTrailers([':path', '/'], 100), null);
  assert.equal(renderRequestTrailers(['X', 'y'], 100), null);
  assert.equal(renderRequestTrailers(['x', 'y\r\nz: 1'], 100), null);
  assert.equal(renderRequestTrailers(['x', 'y'.repeat(200)], 100), null);
});
