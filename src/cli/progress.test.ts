// The line of progress: now and then, gone at the end, and never for nobody.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Progress } from './progress.ts';

const file = { sizeBytes: 200, readBytes: () => 50 };

describe('the line of progress', () => {
  it('is written now and then, and wiped at the end', () => {
    const written: string[] = [];
    let nowMs = 1_000;
    const progress = new Progress(
      (text) => written.push(text),
      () => nowMs,
    );
    progress.tell(file, 1, 0);
    progress.clear();
    assert.deepEqual(written, []);
    nowMs += 1_000;
    progress.tell(file, 4_000, 7);
    progress.tell(file, 5_000, 7);
    progress.clear();
    assert.deepEqual(written, ['\r25 %, 4000 requests, 7 differ, 4000 a second\u001b[K', '\r\u001b[K']);
    nowMs += 1_000;
    progress.tell({ ...file, sizeBytes: 0 }, 5_000, 7);
    assert.equal(written.at(-1), '\r5000 requests, 7 differ, 2500 a second\u001b[K');
  });

  it('is not written where nobody watches', () => {
    const progress = new Progress(null, () => Number.MAX_SAFE_INTEGER);
    assert.doesNotThrow(() => progress.tell(file, 1, 0));
  });
});
