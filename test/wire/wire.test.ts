// Runs every wire case of test/wire/http1/*.md whole, byte by byte and at every split; all outcomes must equal the log (principle 8).
// Also: each refusal reason has a case, and each rule of the codec's sections is named by one.
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { refusals } from '../../src/wire/http1/refusal.ts';
import { type WireCase, readCases } from './case-file.ts';
import { replay, replayOptions } from './replay.ts';

/** Every split costs a replay; inputs are kept small by small limits. */
const maxInputBytes = 700;

const files = globSync(join(import.meta.dirname, 'http1', '*.md')).sort();
const cases = files.flatMap((file) => readCases(file));

function runCase(wireCase: WireCase): void {
  const { input, log } = wireCase;
  const options = replayOptions(wireCase.options);
  assert.ok(
    input.length <= maxInputBytes,
    `the input has ${input.length} bytes, at most ${maxInputBytes} wanted`,
  );
  assert.equal(replay(input, [], options, 'eager'), log, 'whole');
  const everyByte = Array.from({ length: input.length }, (_, i) => i);
  assert.equal(replay(input, everyByte, options, 'eager'), log, 'byte by byte');
  assert.equal(replay(input, everyByte, options, 'patient'), log, 'byte by byte, asking only at retryAt');
  for (let cut = 1; cut < input.length; cut += 1) {
    const asking = cut % 2 === 0 ? 'eager' : 'patient';
    assert.equal(replay(input, [cut], options, asking), log, `split at ${cut}`);
  }
}

for (const file of files) {
  describe(`wire ${basename(file)}`, () => {
    for (const wireCase of cases.filter((each) => each.file === file)) {
      it(wireCase.name, () => runCase(wireCase));
    }
  });
}

describe('wire cases', () => {
  it('show every refusal reason', () => {
    const shown = new Set(cases.map((each) => /^refused (\S+)/m.exec(each.log)?.[1]));
    assert.deepEqual(
      // Those of HTTP/2 are shown by request-text.test.ts.
      Object.values(refusals)
        .filter(({ reason, rule }) => !rule.startsWith('M') && !shown.has(reason))
        .map(({ reason }) => reason),
      [],
    );
  });

  it('name every rule of the codec', () => {
    const ranges = { P: 13, F: 7, C: 5, T: 3, H: 5, X: 6, B: 3, E: 3, R: 7, L: 5 };
    const rules = Object.entries(ranges).flatMap(([letter, count]) =>
      Array.from({ length: count }, (_, i) => `${letter}${i + 1}`),
    );
    const named = new Set(cases.flatMap((each) => each.name.match(/\b[A-Z]\d+\b/g) ?? []));
    assert.deepEqual(
      [...rules, 'N1', 'N2', 'N3', 'N5', 'U1', 'U3', 'U4', 'U5', 'Q1', 'K2'].filter(
        (rule) => !named.has(rule),
      ),
      [],
    );
  });
});
