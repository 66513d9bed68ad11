// quirks: changes by name, over what is on already.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readValue } from '../values.ts';
import { parseKey, parseValues, sampleContext } from '../sample-context.fixture.ts';
import { allQuirks, noQuirks, type QuirkSet } from './declarations.ts';
import { changeQuirks, quirks, quirksKey } from './feature.ts';

function changed(base: QuirkSet, text: string): readonly string[] {
  const values = parseValues(quirks, { quirks: text });
  return [...changeQuirks(base, readValue(values, quirksKey) ?? [])].sort();
}

describe('quirks', () => {
  it('are turned on and off by name, the last word counts', () => {
    assert.deepEqual(changed(noQuirks, 'host-wide-regex, newest-name-first'), [
      'host-wide-regex',
      'newest-name-first',
    ]);
    assert.deepEqual(
      changed(allQuirks, '-host-wide-regex'),
      [...allQuirks].filter((name) => name !== 'host-wide-regex').sort(),
    );
    assert.deepEqual(changed(noQuirks, 'host-wide-regex,-host-wide-regex'), []);
    assert.deepEqual(changed(noQuirks, '-host-wide-regex,host-wide-regex'), ['host-wide-regex']);
  });

  it('stay the same set where nothing changes', () => {
    assert.equal(changeQuirks(allQuirks, [{ quirk: 'host-wide-regex', isOn: true }]), allQuirks);
    assert.equal(changeQuirks(noQuirks, []), noQuirks);
  });

  it('are as they were where the text names another one', () => {
    for (const text of [
      'regex',
      'host-wide-regex regex',
      '--host-wide-regex',
      '__proto__',
      'constructor',
      '*',
    ])
      assert.ok('wanted' in parseKey(quirks, 'quirks', text), text);
    for (const text of ['host-wide-regex\r\n', 'a\0'])
      assert.ok('wanted' in parseKey(quirks, 'quirks', text));
    assert.deepEqual(changed(allQuirks, 'host-wide-regex,unknown'), [...allQuirks].sort());
  });

  it('overlook blanks and empty names, however many', () => {
    assert.deepEqual(changed(noQuirks, ` ,${','.repeat(10_000)} newest-name-first ,`), ['newest-name-first']);
  });

  it('act on no request', () => {
    const { context } = sampleContext();
    assert.equal(quirks.compile(parseValues(quirks, { quirks: 'host-wide-regex' }), context), null);
    assert.equal(quirks.prepare, undefined);
  });
});
