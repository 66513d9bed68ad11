import assert from 'node:assert/strict';
import { STATUS_CODES } from 'node:http';
import { describe, it } from 'node:test';
import { dateField, renderChunkHeader, renderLastChunk, statusText } from './render.ts';

describe('render', () => {
  it('statusText has a phrase for every status that the proxy answers', () => {
    for (const status of [
      200, 301, 302, 308, 400, 401, 403, 404, 405, 408, 413, 414, 417, 421, 429, 431, 499, 500,
    ]) {
      assert.notEqual(statusText(status), 'Unknown', String(status));
    }
    assert.equal(statusText(404), STATUS_CODES[404]);
    assert.equal(statusText(503), STATUS_CODES[503]);
    assert.equal(statusText(299), 'Unknown');
  });

  it('dateField is an IMF-fixdate of the second', () => {
    assert.equal(dateField(784_111_777_000), 'Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n');
    assert.equal(dateField(784_111_777_999), 'Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n');
    assert.equal(dateField(784_111_778_000), 'Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n');
    assert.equal(dateField(784_111_777_000), 'Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n');
  });

  it('renderChunkHeader and renderLastChunk frame a body', () => {
    assert.equal(`${renderChunkHeader(26)}${renderLastChunk('')}`, '1a\r\n0\r\n\r\n');
    assert.equal(renderLastChunk('X: y\r\n'), '0\r\nX: y\r\n\r\n');
  });
});
