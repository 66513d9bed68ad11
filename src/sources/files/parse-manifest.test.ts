import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseManifest } from './parse-manifest.ts';

const rawOf = (text: string): unknown[] => parseManifest(text).objects.map(({ raw }) => raw);
const firstOf = (text: string): unknown => rawOf(text)[0];

describe('parseManifest', () => {
  it('reads scalars as kubectl does', () => {
    const cases: [string, unknown][] = [
      ['yes', true],
      ['off', false],
      ['"yes"', 'yes'],
      ['010', 8],
      ['0x10', 16],
      ['1_000', 1000],
      ['2020-01-01T00:00:00Z', '2020-01-01T00:00:00Z'],
      ['2020-01-01', '2020-01-01'],
      ['80:80', '80:80'],
      ['~', null],
      ['1.5', 1.5],
      ['.5', 0.5],
      ['-1.', -1],
      ['1e3', 1000],
      ['1_0.5e-1', 1.05],
      ['e1', 'e1'],
      ['E-12', 'E-12'],
      ['.e1', '.e1'],
      ['-e1', '-e1'],
      ['.', '.'],
    ];
    for (const [text, value] of cases) assert.deepEqual(firstOf(`a: ${text}`), { a: value }, text);
  });

  it('takes every document and no empty one', () => {
    const { objects } = parseManifest('---\n# nothing\n---\na: 1\n---\n\n---\n# comment\nb: 2\n...\n---\n');
    assert.deepEqual(
      objects.map(({ raw, line }) => [raw, line]),
      [
        [{ a: 1 }, 4],
        [{ b: 2 }, 9],
      ],
    );
  });

  it('opens Lists, also nested ones, and knows the line of each item', () => {
    const text = 'kind: List\nitems:\n- kind: A\n- kind: BList\n  items:\n  -\n  - name: b\n  - kind: C\n';
    const parsed = parseManifest(text);
    assert.deepEqual(
      parsed.objects.map(({ raw, line, position }) => [raw, line, position.items]),
      [
        [{ kind: 'A' }, 3, [0]],
        [{ apiVersion: undefined, kind: 'B', name: 'b' }, 7, [1, 1]],
        [{ kind: 'C' }, 8, [1, 2]],
      ],
    );
    assert.equal(parsed.lineAt(parsed.nodeAt({ document: 0, items: [1, 2] })?.range?.[0] ?? 0), 8);
  });

  it('reads what JSON.stringify writes, indented with tabs too', () => {
    const key = fc.string({ maxLength: 20 }).filter((text) => text !== '__proto__');
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const property = fc.property(
      fc.dictionary(
        key,
        fc.oneof(value, fc.array(value), fc.dictionary(key, value, { noNullPrototype: true })),
        {
          noNullPrototype: true,
          minKeys: 1,
        },
      ),
      fc.constantFrom(undefined, 2, '\t'),
      (object, indent) => assert.deepEqual(firstOf(JSON.stringify(object, null, indent)), object),
    );
    fc.assert(property, { numRuns: 200, seed: 7 });
  });

  it('gives no object of a text with a syntax error, and the line', () => {
    const parsed = parseManifest('a: 1\n---\nb: "x\n');
    assert.deepEqual(parsed.objects, []);
    assert.equal(parsed.syntaxErrors[0]?.line, 4);
    assert.match(parsed.syntaxErrors[0]?.message ?? '', /missing closing "quote/);
    assert.equal(parseManifest('a:\n\tb: 1').syntaxErrors[0]?.line, 2);
  });

  it('warns of a key that is given twice', () => {
    const { objects, warnings } = parseManifest('a:\n  b: 1\n  c: 2\n  b: 3\n');
    assert.deepEqual(objects[0]?.raw, { a: { b: 3, c: 2 } });
    assert.deepEqual(warnings, [
      { line: 4, message: 'key "b" is given twice in one mapping, the last one counts' },
    ]);
  });

  it('resolves anchors and merge keys', () => {
    assert.deepEqual(firstOf('a: &a {p: 1}\nb: {<<: *a, q: 2}\nc: *a'), {
      a: { p: 1 },
      b: { p: 1, q: 2 },
      c: { p: 1 },
    });
  });

  it('refuses aliases that multiply, that hold themselves and that name nothing', () => {
    const level = (name: string, of: string): string =>
      `${name}: &${name} [${Array(9).fill(`*${of}`).join(', ')}]\n`;
    const laughs = `a: &a [x]\n${level('b', 'a')}${level('c', 'b')}${level('d', 'c')}${level('e', 'd')}${level('f', 'e')}`;
    for (const text of [laughs, 'a: &a\n  b: *a\n', 'a: *nothing\n']) {
      const { objects, syntaxErrors } = parseManifest(text);
      assert.equal(objects.length, 0, text);
      assert.equal(syntaxErrors.length, 1, text);
    }
    // The same name for another value on the way is no circle.
    assert.deepEqual(firstOf('a: &a\n  b: &a 1\n  c: *a\n'), { a: { b: 1, c: 1 } });
  });

  it('survives nesting deeper than the stack', () => {
    assert.equal(parseManifest('['.repeat(20_000)).objects.length, 0);
    assert.notEqual(parseManifest(`${'['.repeat(20_000)}${']'.repeat(20_000)}`).syntaxErrors.length, 0);
  });

  it('keeps dangerous keys as plain data', () => {
    const value = firstOf('__proto__: {polluted: 1}\n');
    assert.equal(Object.hasOwn(value as object, '__proto__'), true);
    assert.equal(({} as { polluted?: number }).polluted, undefined);
  });
});
