import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasValidEscapes } from './escapes.ts';

describe('hasValidEscapes', () => {
  it('wants two hex digits behind each percent sign', () => {
    for (const good of ['', 'a', '%20', 'x%Afy%00']) assert.equal(hasValidEscapes(good), true, good);
    for (const bad of ['%', '%2', '%2g', '%%20', '100%', '%20%x0', '%\u0132\u0130'])
      assert.equal(hasValidEscapes(bad), false, bad);
  });
});
